import { BundleError, type Manifest, requireBundleOrNothing, verifyBundle, WordFilter } from "@carousel/bundle";
import { readAligned } from "../data/parallel.js";
import { rewriteBundle } from "../export/rewrite-bundle.js";
import { LineProgress } from "../synthesis/progress.js";
import { identify, streamLines } from "../synthesis/text-stream.js";
import type { ProgressOutput } from "../trainer/progress-line.js";
import { mistakenNames } from "./mistaken-names.js";
import { WORDS_FILE, wordsSeen } from "./words-seen.js";

export interface KnownWordsOptions {
  readonly folder: string;
  /** The new bundle's folder, which may be the old one's. */
  readonly out: string;
  /** Files of the training text's source side. */
  readonly texts: readonly string[];
  /** How often a word must stand in them. */
  readonly minimum: number;
  /** Files of sentences, their reference translations and the model's own, line by line: names that it mistakes are left out. */
  readonly judged?: { readonly source: string; readonly reference: string; readonly translations: string } | undefined;
  readonly progress: ProgressOutput;
}

/**
 * Gives a translation bundle the words that its model has seen in training, without those that it has not learned.
 * @returns its manifest, how many words it knows, and how many it has seen and does not
 * @throws BundleError when the bundle is none, damaged or of another task, DataError when a text is missing, empty or not UTF-8,
 * or files that must align do not
 */
export async function addKnownWords(
  options: KnownWordsOptions,
): Promise<{ manifest: Manifest; words: number; mistaken: number }> {
  const { folder, out, texts, minimum, judged, progress } = options;
  await requireBundleOrNothing(out);
  const bundle = await verifyBundle(folder);
  const { manifest } = bundle;
  if (manifest.task !== "translation") {
    throw new BundleError(
      `${folder} is a ${manifest.task} bundle; only translations have a source whose words are known`,
    );
  }
  const mistaken = judged ? mistakenNames(await readTranslated(judged)) : new Set();
  const seen = await wordsSeen(linesOf(texts, progress), minimum);
  const words = seen.filter((word) => !mistaken.has(word));
  const written = await rewriteBundle({
    bundle,
    folder: out,
    manifest: { ...manifest, words: WORDS_FILE },
    files: { [WORDS_FILE]: WordFilter.of(words).bytes },
  });
  return { manifest: written, words: words.length, mistaken: seen.length - words.length };
}

async function readTranslated({ source, reference, translations }: NonNullable<KnownWordsOptions["judged"]>) {
  const [sources, references, own] = await readAligned(source, reference, translations);
  return { sources, references, translations: own };
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
