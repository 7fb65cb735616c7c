import { candidatesOf } from "@carousel/server/worker/candidates";
import { servingModel } from "@carousel/server/worker/create-engine";
import { addShortlist, alignmentLine, LEXICON_DEFAULTS, shortlistSpeedup } from "@carousel/training";
import { readParallel } from "@carousel/training/data/parallel";
import { Command } from "commander";
import { InputError } from "../input-error.js";
import { lossLine, measureLoss, readLossTest } from "../measure-loss.js";
import { bundleFolder, integer } from "../options.js";
import { write, writeJson } from "../streams.js";

const EXAMPLES = `
Examples:
  carousel shortlist runs/ja-en/bundle --source train.ja --target train.en
  carousel shortlist tatoeba-ja-en --source train.ja --target train.en --test-source test.ja --test-reference test.en
A bundle in int8 that takes no shortlist cannot be given one: give it to the bundle that was quantized.`;

interface Options {
  readonly source: string;
  readonly target: string;
  readonly out?: string;
  readonly common: number;
  readonly best: number;
  readonly testSource?: string;
  readonly testReference?: string;
  readonly beam: number;
  readonly json?: true;
}

export function shortlistCommand(): Command {
  return new Command("shortlist")
    .description("learn which target tokens the source's become, so that a translation is chosen from those alone")
    .argument("<name or folder>")
    .requiredOption("--source <file>", "the training text's source, one sentence a line")
    .requiredOption("--target <file>", "its translations")
    .option("--out <folder>", "the new bundle (default: in the place of the old one)")
    .option("--common <n>", "most frequent tokens, for all sentences", integer(0), LEXICON_DEFAULTS.common)
    .option("--best <n>", "most others for a source token", integer(1), LEXICON_DEFAULTS.best)
    .option("--test-source <file>", "sentences to measure the loss on, one a line")
    .option("--test-reference <file>", "their translations")
    .option("--beam <n>", "beam size of the measurement", integer(1, 16), 5)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(shortlist);
}

async function shortlist(name: string, options: Options): Promise<void> {
  const { testSource, testReference, json, common, best, beam } = options;
  if ((testSource === undefined) !== (testReference === undefined)) {
    throw new InputError("--test-source and --test-reference come together: the loss is measured with both");
  }
  const folder = bundleFolder(name);
  const out = options.out ?? folder;
  const text = await readParallel(options);
  const test = testSource && testReference ? await readLossTest(testSource, testReference, beam) : undefined;
  const { after } = await addShortlist({ folder, out, text, common, best, onProgress: alignmentLine(process.stderr) });
  const sizes = await sizesOf(out, test?.sources ?? text.source);
  const speedup = shortlistSpeedup({ common, best, ...sizes });
  const before = { folder: out, search: { noShortlist: true } } as const;
  const loss = test && (await measureLoss(test, { before, after: { folder: out }, speedup }));
  if (json) {
    const said = { folder: out, name: after.name, version: after.version, candidates: sizes, bleu: loss?.bleu };
    return writeJson(said);
  }
  await write(
    `${out}: ${after.name} ${after.version}, ${sizes.mean.toFixed(0)} of ${sizes.vocabulary} tokens a sentence\n` +
      lossLine(loss),
  );
}

/** Candidates of a sentence on average. */
async function sizesOf(folder: string, sources: readonly string[]): Promise<{ mean: number; vocabulary: number }> {
  const { manifest, source, lexicon } = await servingModel(folder);
  const total = sources.reduce(
    (sum, text) => sum + candidatesOf(lexicon!, { source: source!.encode(text), forced: [] }).length,
    0,
  );
  return { mean: total / sources.length, vocabulary: manifest.vocabulary.target };
}
