import type { PiecePlace } from "../inline/attention.js";
import { isInsideWord } from "../inline/words.js";
import type { TermInflection } from "./term.js";

/** Letters by which an inflected word may be longer than the form it begins with: -s, -es, -ed, -ing. */
const LONGEST_SUFFIX = 3;

export interface Sought {
  readonly form: string;
  readonly inflection: TermInflection;
  readonly ignoreCase: boolean;
}

/** Where a form stands in a text as whole words, in order. */
export function occurrences(text: string, { form, inflection, ignoreCase }: Sought): PiecePlace[] {
  const [hay, needle] = ignoreCase ? [folded(text), folded(form)] : [text, form];
  const found: PiecePlace[] = [];
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + 1)) {
    const end = endOfWord(text, { at: at + form.length, inflection });
    if (end !== undefined && !isInsideWord(text, at)) found.push({ start: at, end });
  }
  return found;
}

/** Lower case, character by character, so that places stay. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : [...text].map(lowerOfSameLength).join("");
}

function lowerOfSameLength(character: string): string {
  const lower = character.toLowerCase();
  return lower.length === character.length ? lower : character;
}

function endOfWord(text: string, { at, inflection }: { at: number; inflection: TermInflection }): number | undefined {
  let end = at;
  while (isInsideWord(text, end)) end++;
  const longest = inflection === "suffix" ? LONGEST_SUFFIX : 0;
  return end - at <= longest ? end : undefined;
}

export function overlaps(a: PiecePlace, b: PiecePlace): boolean {
  return a.start < b.end && b.start < a.end;
}
