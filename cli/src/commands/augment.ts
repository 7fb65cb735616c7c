import { resolve } from "node:path";
import { alignmentLine, renamed, WORD_PAIR_DEFAULTS, wordPairs } from "@carousel/training";
import { readParallel } from "@carousel/training/data/parallel";
import { requireWritable, writeAtomically } from "@carousel/training/files";
import { Argument, Command } from "commander";
import { InputError } from "../input-error.js";
import { integer, number } from "../options.js";
import { write } from "../streams.js";

const EXAMPLES = `
words: a dictionary learned from the text, a word a line, so that a model knows single words
names: the sentences in which a name or a number stands on both sides, with an invented one, the same on both, so that a
       model copies names that it has never seen
Examples:
  carousel augment words --source train.en --target train.fr --source-output words.en --target-output words.fr
  carousel augment names --source train.en --target train.fr --source-output names.en --target-output names.fr --times 2
The recipe reads the result as a pair of files under data.extra.`;

type Kind = "words" | "names";

interface Options {
  readonly source: string;
  readonly target: string;
  readonly sourceOutput: string;
  readonly targetOutput: string;
  readonly least: number;
  readonly probability: number;
  readonly times?: number;
  readonly seed?: number;
}

export function augmentCommand(): Command {
  return new Command("augment")
    .description("make more training text of parallel text: single words, or sentences with invented names")
    .addArgument(new Argument("<kind>", "what is made").choices(["words", "names"] satisfies Kind[]))
    .requiredOption("--source <file>", "the training text's source, one sentence a line")
    .requiredOption("--target <file>", "its translations")
    .requiredOption("--source-output <file>", "where the source side goes")
    .requiredOption("--target-output <file>", "where the target side goes")
    .option(
      "--least <n>",
      "how often both words of a pair stand in the text, at least",
      integer(1),
      WORD_PAIR_DEFAULTS.least,
    )
    .option(
      "--probability <p>",
      "that a word becomes the other, times that of the other way round, at least",
      number(0, 1),
      WORD_PAIR_DEFAULTS.probability,
    )
    .option(
      "--times <n>",
      "names: how often a sentence comes, each time with other names (default: 1)",
      integer(1, 100),
    )
    .option("--seed <n>", "names: the same seed gives the same names (default: 1)", integer(0, 2 ** 32 - 1))
    .addHelpText("after", EXAMPLES)
    .action(augment);
}

async function augment(kind: Kind, { source, target, sourceOutput, targetOutput, ...options }: Options): Promise<void> {
  if (kind === "words" && (options.times !== undefined || options.seed !== undefined)) {
    throw new InputError("--times and --seed are for names");
  }
  if (new Set([source, target, sourceOutput, targetOutput].map((file) => resolve(file))).size < 4) {
    throw new InputError("--source, --target, --source-output and --target-output are four files, each another");
  }
  const text = await readParallel({ source, target });
  for (const output of [sourceOutput, targetOutput]) await requireWritable(output);
  const make = kind === "words" ? wordPairs : renamed;
  const made = make(text, { ...options, onProgress: alignmentLine(process.stderr) });
  if (made.source.length === 0) throw new InputError(`there are no ${kind} that stand on both sides often enough`);
  await writeAtomically(sourceOutput, [lines(made.source)]);
  await writeAtomically(targetOutput, [lines(made.target)]);
  await write(`${made.source.length} pairs\n`);
}

function lines(sentences: readonly string[]): Buffer {
  return Buffer.from(sentences.map((sentence) => `${sentence}\n`).join(""));
}
