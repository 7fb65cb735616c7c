import type { KnownWords } from "@carousel/bundle";
import { LONGEST_SUFFIX } from "../terms/occurrences.js";

const SHORTEST_STEM = 5;

/** Whether a word in small letters may be another form of one that is known: it is longer by a suffix. */
export function isFormOfKnown(word: string, words: KnownWords): boolean {
  for (let length = word.length - 1; length >= Math.max(SHORTEST_STEM, word.length - LONGEST_SUFFIX); length--) {
    if (words.has(word.slice(0, length))) return true;
  }
  return false;
}
