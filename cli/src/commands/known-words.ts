import { addKnownWords, LEAST_OFTEN } from "@carousel/training";
import { Command } from "commander";
import { bundleFolder, integer } from "../options.js";
import { collected } from "../search-flags.js";
import { write, writeJson } from "../streams.js";

const EXAMPLES = `
Words are runs of letters, as they are written; those of scripts that know no capitals, such as Japanese, are left out.
Examples:
  carousel known-words runs/en-fr/bundle --text train.en
  carousel known-words tatoeba-ja-en --text train.ja --text more.ja --minimum 3 --out ja-en
carousel train writes them by itself.`;

interface Options {
  readonly text: readonly string[];
  readonly out?: string;
  readonly minimum: number;
  readonly json?: true;
}

export function knownWordsCommand(): Command {
  return new Command("known-words")
    .description("write into a translation bundle which words its model has seen in training: others may be names")
    .argument("<name or folder>")
    .requiredOption("--text <file>", "source side of the training text; may be given several times", collected)
    .option("--minimum <n>", "how often a word stands in the text, at least", integer(1), LEAST_OFTEN)
    .option("--out <folder>", "the new bundle (default: in the place of the old one)")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(knownWords);
}

async function knownWords(name: string, { text: texts, minimum, json, ...options }: Options): Promise<void> {
  const folder = bundleFolder(name);
  const out = options.out ?? folder;
  const { manifest, words } = await addKnownWords({ folder, out, texts, minimum, progress: process.stderr });
  const { name: model, version } = manifest;
  if (json) return writeJson({ folder: out, name: model, version, words });
  await write(`${out}: ${model} ${version}, ${words} words\n`);
}
