import { WordFilter } from "@carousel/bundle";
import type { Corpus } from "../trainer/corpus.js";
import { type Origin, readOriginWords } from "../trainer/origin.js";
import type { RunFolder } from "../trainer/run-folder.js";

/**
 * The words that a trained model knows: those of its own text, and those of the model that it was trained on from. Undefined
 * where it translates nothing, or where nobody knows what that model has seen.
 */
export async function wordsOfRun(
  { words }: Pick<Corpus, "words">,
  { run, origin }: { run: RunFolder; origin: Origin | undefined },
): Promise<WordFilter | undefined> {
  if (!words) return undefined;
  if (!origin) return WordFilter.of(words);
  return (await readOriginWords(run))?.with(words);
}
