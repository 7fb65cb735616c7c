import { BundleError, type Manifest, requireBundleOrNothing, verifyBundle, WordFilter } from "@carousel/bundle";
import { rewriteBundle } from "../export/rewrite-bundle.js";
import { LineProgress } from "../synthesis/progress.js";
import { identify, streamLines } from "../synthesis/text-stream.js";
import type { ProgressOutput } from "../trainer/progress-line.js";
import { WORDS_FILE, wordsSeen } from "./words-seen.js";

export interface KnownWordsOptions {
  readonly folder: string;
  /** The new bundle's folder, which may be the old one's. */
  readonly out: string;
  /** Files of the training text's source side. */
  readonly texts: readonly string[];
  /** How often a word must stand in them. */
  readonly minimum: number;
  readonly progress: ProgressOutput;
}

/**
 * Gives a translation bundle the words that its model has seen in training.
 * @returns its manifest, and how many words it knows
 * @throws BundleError when the bundle is none, damaged or of another task, DataError when a text is missing, empty or not UTF-8
 */
export async function addKnownWords(options: KnownWordsOptions): Promise<{ manifest: Manifest; words: number }> {
  const { folder, out, texts, minimum, progress } = options;
  await requireBundleOrNothing(out);
  const bundle = await verifyBundle(folder);
  const { manifest } = bundle;
  if (manifest.task !== "translation") {
    throw new BundleError(
      `${folder} is a ${manifest.task} bundle; only translations have a source whose words are known`,
    );
  }
  const words = await wordsSeen(linesOf(texts, progress), minimum);
  const written = await rewriteBundle({
    bundle,
    folder: out,
    manifest: { ...manifest, words: WORDS_FILE },
    files: { [WORDS_FILE]: WordFilter.of(words).bytes },
  });
  return { manifest: written, words: words.length };
}

async function* linesOf(texts: readonly string[], output: ProgressOutput): AsyncGenerator<string> {
  let total = 0;
  for (const text of texts) total += (await identify(text)).lines;
  const progress = new LineProgress({ output, total, before: 0 });
  for (const text of texts) {
    for await (const line of streamLines(text)) {
      yield line;
      progress.count();
    }
  }
  progress.end();
}
