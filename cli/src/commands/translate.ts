import { type Device, searchOptions, type TextHypothesis } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { TEXT_FORMATS, type TextFormat } from "@carousel/server/translation/inline/formats";
import { readTerms } from "@carousel/server/translation/terms/read-terms";
import type { Term, TermCase, TermInflection } from "@carousel/server/translation/terms/term";
import { readLines } from "@carousel/training/data/text";
import { Command, Option } from "commander";
import { InputError } from "../input-error.js";
import { bundleFolder, deviceOption, integer, number } from "../options.js";
import { type SamplingFlags, type SearchFlags, samplingFlags, searchFlags } from "../search-flags.js";
import { readStandardInput, write, writeJson } from "../streams.js";
import { caseOption, inflectionOption } from "../term-options.js";

const EXAMPLES = `
Examples:
  echo 彼は医者です。 | carousel translate --model tatoeba-ja-en
  carousel translate --model tatoeba-ja-en --beam 5 < in.ja > out.en
  carousel translate --model ./my-bundle --beam 5 --n-best 3 --json < in.txt
  carousel translate --model tatoeba-ja-en --format html < page.ja.html > page.en.html
  carousel translate --model tatoeba-en-fr --terms terms.tsv --term-inflection suffix < in.en
  carousel translate --model tatoeba-ja-en --target-prefix begun.en --n-best 5 < in.ja     completions
  carousel translate --model tatoeba-ja-en --temperature 0.8 --top-p 0.9 --seed 1 < in.ja
  carousel translate --model tatoeba-ja-en --pharaoh < in.ja                               text ||| 0-0 1-2`;

interface Options extends SearchFlags, SamplingFlags {
  readonly model: string;
  readonly beam?: number;
  readonly nBest: number;
  readonly temperature?: number;
  readonly targetPrefix?: string;
  readonly terms?: string;
  readonly termCase?: TermCase;
  readonly termInflection?: TermInflection;
  readonly alignments?: true;
  readonly pharaoh?: true;
  readonly device: Device;
  readonly format: TextFormat;
  readonly json?: true;
}

export function translateCommand(): Command {
  const command = new Command("translate")
    .description("translate standard input, one sentence a line; an empty line gives an empty line")
    .requiredOption("--model <name or folder>", "the bundle")
    .option("--beam <n>", "beam size, 1 is greedy (default: 5; 1 with a temperature)", integer(1, 16))
    .option("--n-best <n>", "hypotheses a line, one after the other", integer(1, 16), 1)
    .option("--temperature <t>", "above 0: draw instead of searching", number(0, 10))
    .option("--target-prefix <file>", "for each line what its translation begins with")
    .option("--terms <file>", "what words must become, a term a line: SOURCE|form, a tab, TARGET|form")
    .addOption(caseOption("--term-case"))
    .addOption(inflectionOption("--term-inflection"))
    .option("--alignments", "with --json: attention weights of each token, and hard alignments")
    .option("--pharaoh", "hard alignments behind each line, token by token: text ||| 0-0 1-2")
    .addOption(
      new Option("--format <f>", "what is read: lines of text, or one HTML or XML document")
        .choices(TEXT_FORMATS)
        .default("text"),
    )
    .addOption(deviceOption())
    .option("--json", "print one JSON document")
    .addHelpText("after", EXAMPLES)
    .action(translate);
  return samplingFlags(searchFlags(command));
}

async function translate(options: Options): Promise<void> {
  const { json, nBest, format } = options;
  if (options.alignments && !json) {
    throw new InputError("--alignments are in the JSON: add --json; --pharaoh writes hard ones behind each line");
  }
  const alignments = options.alignments || options.pharaoh;
  const search = searchOptions({
    ...options,
    beamSize: options.beam,
    noRepeatNgram: options.blockNgramRepeat,
    noShortlist: !options.shortlist,
    alignments,
  });
  const model = await LocalModel.open(bundleFolder(options.model), { device: options.device });
  const lines = await readStandardInput();
  const texts = format === "text" || lines.length === 0 ? lines : [lines.join("\n")];
  const prefixes = options.targetPrefix === undefined ? [] : await readPrefixes(options.targetPrefix, texts);
  const terms = await termsOf(options);
  const documents: unknown[] = [];
  let done = 0;
  for await (const translation of model.translate(texts, search, { format, prefixes, terms })) {
    for (const { source, target } of translation.hypotheses[0]!.termViolations) {
      process.stderr.write(`text ${done + 1}: the translation has no ${target} for ${source}\n`);
    }
    if (json) documents.push({ source: texts[done], ...translation });
    else for (let k = 0; k < nBest; k++) await write(lineOf(translation.hypotheses[k], options));
    done++;
    if (process.stderr.isTTY && done % 50 === 0) process.stderr.write(`\r${done}/${texts.length} `);
  }
  if (process.stderr.isTTY) process.stderr.write("\r");
  const { name, version } = model.model;
  if (json) await writeJson({ model: name, modelVersion: version, translations: documents });
  await model.close();
}

async function termsOf({ terms, termCase, termInflection }: Options): Promise<Term[]> {
  if (terms !== undefined) return readTerms(await readLines(terms), { case: termCase, inflection: termInflection });
  if (termCase ?? termInflection) throw new InputError("--term-case and --term-inflection say how --terms are found");
  return [];
}

async function readPrefixes(file: string, texts: readonly string[]): Promise<string[]> {
  const prefixes = await readLines(file);
  if (prefixes.length === texts.length) return prefixes;
  throw new InputError(`${file} has ${prefixes.length} lines for ${texts.length} texts: they must be as many`);
}

/** A line stays one; a document has its own line breaks. */
function lineOf(hypothesis: TextHypothesis | undefined, { pharaoh: wanted, format }: Options): string {
  const text = hypothesis?.text ?? "";
  const written = format === "text" ? text.replaceAll("\n", " ") : text;
  return wanted ? `${written} ||| ${hypothesis?.hardAlignment ?? ""}\n` : `${written}\n`;
}
