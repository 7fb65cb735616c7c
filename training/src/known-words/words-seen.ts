import { wordsIn } from "@carousel/bundle";

/** The name of the known words' file in a bundle. */
export const WORDS_FILE = "words.bin";
/** How often a word stands in the text, at least: of what came once a model has learned little. */
export const LEAST_OFTEN = 2;

/** The words that stand in sentences at least so often. */
export async function wordsSeen(
  sentences: Iterable<string> | AsyncIterable<string>,
  minimum = LEAST_OFTEN,
): Promise<string[]> {
  const counts = new Map<string, number>();
  for await (const sentence of sentences) {
    for (const { word } of wordsIn(sentence)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count >= minimum).map(([word]) => word);
}
