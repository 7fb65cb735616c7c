import type { WordCounts } from "./words.js";

/** The most frequent words as pieces, the most frequent first; a text's other words are unknown. */
export function learnWords({ words, size }: { words: WordCounts; size: number }): Map<string, number> {
  const ranked = [...words].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(ranked.slice(0, size).map(([word], rank) => [word, -rank]));
}
