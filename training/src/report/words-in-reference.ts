import { localeOf } from "./language.js";

export interface Segment {
  readonly text: string;
  /** A word that the reference has too. */
  readonly shared: "shared" | "own";
}

/** Cuts a translation into words and what is between them, and finds the words in its reference; each counts once. */
export function wordsInReference(text: string, reference: string, language: string): Segment[] {
  const segmenter = new Intl.Segmenter(localeOf(language), { granularity: "word" });
  const left = new Map<string, number>();
  for (const { segment, isWordLike } of segmenter.segment(reference)) {
    if (isWordLike) left.set(key(segment), (left.get(key(segment)) ?? 0) + 1);
  }
  return [...segmenter.segment(text)].map(({ segment, isWordLike }) => {
    const count = isWordLike ? (left.get(key(segment)) ?? 0) : 0;
    if (count > 0) left.set(key(segment), count - 1);
    return { text: segment, shared: count > 0 ? "shared" : "own" };
  });
}

function key(word: string): string {
  return word.toLowerCase();
}
