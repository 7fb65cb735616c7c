import { glossary } from "@carousel/protos";
import { toWireTerm } from "@carousel/server/gateway/grpc/terms";
import { readTerms } from "@carousel/server/translation/terms/read-terms";
import type { TermCase, TermInflection } from "@carousel/server/translation/terms/term";
import { readLines } from "@carousel/training/data/text";
import { Command } from "commander";
import { ADDRESS, gatewayClient } from "../gateway-client.js";
import { readStandardInput, write } from "../streams.js";
import { caseOption, inflectionOption } from "../term-options.js";
import { type Done, unaryCall } from "../unary-call.js";

const EXAMPLES = `
Examples:
  carousel glossary create medicine --source-language ja --target-language en terms.tsv
  carousel glossary list
A line of the file is SOURCE, a tab, TARGET; other forms stand behind a |, as in mouse|mice. Lines that begin with # are left out.`;

interface Connection {
  readonly address: string;
}

interface Create extends Connection {
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  readonly case?: TermCase;
  readonly inflection?: TermInflection;
}

/** Lists of terms on a server that runs. */
export function glossaryCommand(): Command {
  return new Command("glossary")
    .description("create, show, list and delete the glossaries of a server")
    .addHelpText("after", EXAMPLES)
    .addCommand(create())
    .addCommand(show())
    .addCommand(list())
    .addCommand(remove());
}

function create(): Command {
  return new Command("create")
    .description("make a glossary of a file, or of standard input")
    .argument("<name>", "1 to 64 of a–z, 0–9, - and _")
    .argument("[file]", "a term a line: SOURCE, a tab, TARGET")
    .requiredOption("--source-language <tag>", "BCP 47, such as ja")
    .requiredOption("--target-language <tag>", "BCP 47, such as en")
    .addOption(caseOption("--case"))
    .addOption(inflectionOption("--inflection"))
    .option(...ADDRESS)
    .action(async (name: string, file: string | undefined, options: Create) => {
      const terms = readTerms(file ? await readLines(file) : await readStandardInput(), {
        case: options.case,
        inflection: options.inflection,
      });
      const { sourceLanguage, targetLanguage } = options;
      const wire = glossary.Glossary.fromPartial({
        name,
        sourceLanguage,
        targetLanguage,
        terms: terms.map(toWireTerm),
      });
      const made = await call<glossary.Glossary>(options, (c, done) => c.createGlossary({ glossary: wire }, done));
      await write(`${line(made)}\n`);
    });
}

function show(): Command {
  return new Command("show")
    .description("the terms of a glossary, one a line")
    .argument("<name>")
    .option(...ADDRESS)
    .action(async (name: string, options: Connection) => {
      const { terms } = await call<glossary.Glossary>(options, (c, done) => c.getGlossary({ name }, done));
      for (const { source, sourceForms, target, targetForms } of terms) {
        await write(`${[source, ...sourceForms].join("|")}\t${[target, ...targetForms].join("|")}\n`);
      }
    });
}

function list(): Command {
  return new Command("list")
    .description("names, languages and numbers of terms")
    .option(...ADDRESS)
    .action(async (options: Connection) => {
      const { glossaries } = await call<glossary.ListGlossariesResponse>(options, (c, done) =>
        c.listGlossaries({}, done),
      );
      for (const each of glossaries) await write(`${line(each)}\n`);
    });
}

function remove(): Command {
  return new Command("delete")
    .description("remove a glossary")
    .argument("<name>")
    .option(...ADDRESS)
    .action(async (name: string, options: Connection) => {
      await call<glossary.DeleteGlossaryResponse>(options, (c, done) => c.deleteGlossary({ name }, done));
    });
}

function line({ name, sourceLanguage, targetLanguage, termCount }: glossary.Glossary): string {
  return `${name}  ${sourceLanguage} → ${targetLanguage}  ${termCount} terms`;
}

function call<T>(
  options: Connection,
  make: (client: glossary.GlossaryServiceClient, done: Done<T>) => unknown,
): Promise<T> {
  return unaryCall(gatewayClient(glossary.GlossaryServiceClient, options.address), options, make);
}
