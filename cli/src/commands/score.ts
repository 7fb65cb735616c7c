import { type Hypothesis, searchOptions } from "@carousel/server";
import { LocalModel } from "@carousel/server/local";
import { bitsPerCharacter, perplexity } from "@carousel/training";
import { Command } from "commander";
import { InputError } from "../input-error.js";
import { bundleFolder } from "../options.js";
import { readStandardInput, write, writeJson } from "../streams.js";

const EXAMPLES = `
Examples:
  carousel score --model shakespeare < text.txt
  paste -d '\\t' test.ja test.en | carousel score --model tatoeba-ja-en
Lines of a translation model hold source and target, separated by a tab.`;

export function scoreCommand(): Command {
  return new Command("score")
    .description("log-probability (nats), perplexity and bits per character of each line")
    .requiredOption("--model <name or folder>", "the bundle")
    .option("--json", "print one JSON document")
    .addHelpText("after", EXAMPLES)
    .action(async ({ model: name, json }: { model: string; json?: true }) => {
      const model = await LocalModel.open(bundleFolder(name));
      const lines = await readStandardInput();
      const scored = await Promise.all(lines.map((line, k) => scoreLine(model, line, k + 1)));
      const total = sum(scored);
      if (json) {
        await writeJson({ model: model.model.name, lines: scored.map(measures), total: measures(total) });
      } else {
        await write("log-probability\tperplexity\tbits/character\n");
        for (const s of [...scored, total]) await write(row(s));
      }
      await model.close();
    });
}

interface Scored {
  readonly logProbability: number;
  readonly tokens: number;
  readonly characters: number;
  /** The line's tokens and what attention says of it; of the total, none. */
  readonly details?: Pick<Hypothesis, "omission" | "repetition"> & { readonly pieces: Hypothesis["tokens"] };
}

async function scoreLine(model: LocalModel, line: string, number: number): Promise<Scored> {
  if (line === "") return { logProbability: 0, tokens: 0, characters: 0 };
  const [source, target] = model.model.task === "translation" ? pairOf(line, number) : [line, undefined];
  const result = await model.score(source, searchOptions({ beamSize: 1 }), target).catch((error: Error) => {
    throw new InputError(`line ${number}: ${error.message}`);
  });
  const { logProbability, tokens, omission, repetition } = result.hypotheses[0]!;
  const attention = omission === undefined || repetition === undefined ? {} : { omission, repetition };
  const details = { ...attention, pieces: tokens };
  return { logProbability, tokens: tokens.length, characters: [...(target ?? source)].length, details };
}

function pairOf(line: string, number: number): [string, string] {
  const parts = line.split("\t");
  if (parts.length !== 2) throw new InputError(`line ${number}: source and target, separated by one tab, are expected`);
  return [parts[0]!, parts[1]!];
}

function sum(scored: readonly Scored[]): Scored {
  return scored.reduce(
    (a, b) => ({
      logProbability: a.logProbability + b.logProbability,
      tokens: a.tokens + b.tokens,
      characters: a.characters + b.characters,
    }),
    { logProbability: 0, tokens: 0, characters: 0 },
  );
}

function measures(s: Scored) {
  return {
    logProbability: s.logProbability,
    tokens: s.tokens,
    perplexity: s.tokens > 0 ? perplexity({ nats: -s.logProbability, tokens: s.tokens }) : null,
    bitsPerCharacter: s.characters > 0 ? bitsPerCharacter({ nats: -s.logProbability, characters: s.characters }) : null,
    ...s.details,
  };
}

function row(s: Scored): string {
  const { logProbability, perplexity: p, bitsPerCharacter: b } = measures(s);
  return `${logProbability.toFixed(4)}\t${p?.toFixed(4) ?? "-"}\t${b?.toFixed(4) ?? "-"}\n`;
}
