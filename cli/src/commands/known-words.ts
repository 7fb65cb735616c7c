import { addKnownWords, LEAST_OFTEN } from "@carousel/training";
import { Command } from "commander";
import { InputError } from "../input-error.js";
import { bundleFolder, integer } from "../options.js";
import { collected } from "../search-flags.js";
import { write, writeJson } from "../streams.js";

const EXAMPLES = `
Words are runs of letters, as they are written; of those of scripts that know no capitals only runs of katakana and of Han.
Examples:
  carousel known-words runs/en-fr/bundle --text train.en
  carousel known-words tatoeba-ja-en --text train.ja --text more.ja --minimum 3 --out ja-en
  carousel distill --teacher en-fr --source train.en --beam 1 --output said.fr
  carousel known-words en-fr --text train.en --source train.en --reference train.fr --translations said.fr
carousel train writes them by itself.`;

interface Options {
  readonly text: readonly string[];
  readonly out?: string;
  readonly minimum: number;
  readonly source?: string;
  readonly reference?: string;
  readonly translations?: string;
  readonly json?: true;
}

export function knownWordsCommand(): Command {
  return new Command("known-words")
    .description("write into a translation bundle which words its model has seen in training: others may be names")
    .argument("<name or folder>")
    .requiredOption("--text <file>", "source side of the training text; may be given several times", collected)
    .option("--minimum <n>", "how often a word stands in the text, at least", integer(1), LEAST_OFTEN)
    .option("--source <file>", "sentences to judge the model by, such as its training text")
    .option("--reference <file>", "what people make of them")
    .option("--translations <file>", "what the model makes of them: names that it mostly has wrong are not known")
    .option("--out <folder>", "the new bundle (default: in the place of the old one)")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(knownWords);
}

async function knownWords(name: string, options: Options): Promise<void> {
  const { text: texts, minimum, json } = options;
  const folder = bundleFolder(name);
  const out = options.out ?? folder;
  const judged = judgedBy(options);
  const added = await addKnownWords({ folder, out, texts, minimum, judged, progress: process.stderr });
  const { name: model, version } = added.manifest;
  const { words, mistaken } = added;
  if (json) return writeJson({ folder: out, name: model, version, words, ...(judged ? { mistaken } : {}) });
  await write(`${out}: ${model} ${version}, ${words} words${judged ? `, ${mistaken} seen and not learned` : ""}\n`);
}

function judgedBy({ source, reference, translations }: Options) {
  if (source === undefined && reference === undefined && translations === undefined) return undefined;
  if (source !== undefined && reference !== undefined && translations !== undefined)
    return { source, reference, translations };
  throw new InputError("--source, --reference and --translations go together: give all three, or none");
}
