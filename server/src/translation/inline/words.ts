import type { PiecePlace } from "./attention.js";

/** Letters of scripts that put spaces between words, and what holds such words together. */
const IN_WORD =
  /^(?:(?!\p{sc=Han}|\p{sc=Hira}|\p{sc=Kana}|\p{sc=Thai}|\p{sc=Lao}|\p{sc=Khmr}|ー)[\p{L}\p{M}]|[\p{Nd}’'_-])$/u;

/** Whether a cut at that character would be inside a word. */
export function isInsideWord(text: string, at: number): boolean {
  return at > 0 && at < text.length && IN_WORD.test(text[at - 1]!) && IN_WORD.test(text[at]!);
}

/** The stretch grown to whole words, without white space at its ends. */
export function wholeWords(text: string, { start, end }: PiecePlace): PiecePlace {
  if (start === end) {
    while (isInsideWord(text, end)) end++;
    return { start: end, end };
  }
  while (isInsideWord(text, start)) start--;
  while (isInsideWord(text, end)) end++;
  while (start < end && /\s/.test(text[start]!)) start++;
  while (start < end && /\s/.test(text[end - 1]!)) end--;
  return { start, end };
}

/** Whether it is of a code: B12, COVID-19. */
export function isBesideDigit(text: string, { start, end }: PiecePlace): boolean {
  return /[\p{N}_]$/u.test(text.slice(0, start)) || /^[-–]?[\p{N}_]/u.test(text.slice(end));
}
