import { SPACE, type WordCounts } from "./words.js";

const LONGEST_PIECE = 16;

/**
 * Candidate pieces with their counts: all characters, and the substrings that occur more than once, those that cover most
 * of the text first. A longer substring is counted only if its shorter parts are frequent.
 */
export function seedPieces(words: WordCounts, characters: ReadonlySet<string>, most: number): Map<string, number> {
  const texts = [...words].map(([word, count]) => ({ letters: [...word], count }));
  const counts = new Map<string, number>();
  for (const { letters, count } of texts) {
    for (const letter of letters) if (characters.has(letter)) counts.set(letter, (counts.get(letter) ?? 0) + count);
  }
  for (const letter of characters) if (!counts.has(letter)) counts.set(letter, 1);
  const longer: [string, number][] = [];
  let shorter: ReadonlyMap<string, number> = counts;
  for (let length = 2; length <= LONGEST_PIECE && shorter.size > 0; length++) {
    shorter = extend(texts, shorter, length);
    for (const entry of shorter) if (isPiece(entry[0])) longer.push(entry);
  }
  const weight = ([piece, count]: [string, number]) => piece.length * count;
  longer.sort((a, b) => weight(b) - weight(a) || (a[0] < b[0] ? -1 : 1));
  for (const [piece, count] of longer.slice(0, Math.max(0, most - counts.size))) counts.set(piece, count);
  return counts;
}

/** Substrings of the given length that occur at least twice, given those that are one shorter. */
function extend(
  texts: readonly { letters: readonly string[]; count: number }[],
  shorter: ReadonlyMap<string, number>,
  length: number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { letters, count } of texts) {
    for (let at = 0; at + length <= letters.length; at++) {
      const head = letters.slice(at, at + length - 1).join("");
      if (!shorter.has(head)) continue;
      const tail = letters.slice(at + 1, at + length).join("");
      if (!shorter.has(tail)) continue;
      const whole = letters[at]! + tail;
      counts.set(whole, (counts.get(whole) ?? 0) + count);
    }
  }
  for (const [piece, count] of counts) if (count < 2) counts.delete(piece);
  return counts;
}

/** A piece stays within a word and within a script: letters do not join digits or punctuation. */
export function isPiece(piece: string): boolean {
  if (piece.lastIndexOf(SPACE) > 0) return false;
  const body = piece.startsWith(SPACE) ? piece.slice(1) : piece;
  return /^(\p{Script=Latin}|['’]|\p{M})+$|^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+$|^\p{N}+$|^[\p{P}\p{S}]+$|^\p{L}+$/u.test(
    body,
  );
}
