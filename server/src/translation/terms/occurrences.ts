import type { PiecePlace } from "../inline/attention.js";
import { isInsideWord } from "../inline/words.js";
import type { TermInflection } from "./term.js";

/** Letters by which an inflected word may be longer than the form it begins with: -s, -es, -ed, -ing. */
export const LONGEST_SUFFIX = 3;

/**
 * How a text is compared with a form. as written: letter for letter. however written: full width is as half width, é as e
 * with an accent, and any white space as one space.
 */
export interface Comparison {
  readonly letters: "as written" | "however written";
  readonly ignoreCase: boolean;
}

/** A text as it is compared. */
export interface Folded {
  readonly text: string;
  readonly folded: string;
  /** Where each character of `folded` comes from in the text. */
  readonly places: readonly PiecePlace[];
}

export function folded(text: string, { letters, ignoreCase }: Comparison): Folded {
  const places: PiecePlace[] = [];
  let [start, written, before] = [0, "", ""];
  for (const character of text) {
    const end = start + character.length;
    const place = { start, end };
    const same = letters === "as written" ? character : evened(character);
    const last = places.at(-1);
    if (same === " " && letters === "however written" && before === " ") {
      places[places.length - 1] = { start: last!.start, end };
    } else {
      const lower = ignoreCase ? same.toLowerCase() : same;
      for (let k = 0; k < lower.length; k++) places.push(place);
      written += lower;
    }
    before = same;
    start = end;
  }
  return { text, folded: written, places };
}

/** A line break stays: it ends what stands before it. */
function evened(character: string): string {
  const plain = character.normalize("NFKD");
  return /^[^\S\n]$/.test(plain) ? " " : plain;
}

export interface Sought {
  /** Folded as the text is. */
  readonly form: string;
  readonly inflection: TermInflection;
}

/** Where a form stands in a text as whole words, in order. */
export function occurrences({ text, folded, places }: Folded, { form, inflection }: Sought): PiecePlace[] {
  const found: PiecePlace[] = [];
  for (let at = folded.indexOf(form); at >= 0; at = folded.indexOf(form, at + 1)) {
    const [first, last, next] = [places[at]!, places[at + form.length - 1]!, places[at + form.length]];
    const cutsCharacter = first === places[at - 1] || last === next || /^\p{M}/u.test(folded.slice(at + form.length));
    const end = endOfWord(text, { at: last.end, inflection });
    if (!cutsCharacter && end !== undefined && !joins(text, first.start)) found.push({ start: first.start, end });
  }
  return found;
}

function endOfWord(text: string, { at, inflection }: { at: number; inflection: TermInflection }): number | undefined {
  let end = at;
  while (joins(text, end)) end++;
  const longest = inflection === "suffix" ? LONGEST_SUFFIX : 0;
  return end - at <= longest ? end : undefined;
}

/** What English writes behind an apostrophe is no word: dog's, I'm, we'll. */
const ENCLITIC = /^(?:s|t|m|d|ll|re|ve)(?!\p{L})/iu;

/** Hyphens and low lines that join no two words: dog--the cat, _dog_. */
const DANGLING_BEFORE = /(?:^|[^\p{L}\p{N}])[-_]$/u;
const DANGLING_BEHIND = /^[-_](?![\p{L}\p{N}])/u;

/** Whether a word goes on at that character. An apostrophe joins two, l'ami and dog's, but for that of don't. */
function joins(text: string, at: number): boolean {
  const afterApostrophe = /['’]/.test(text[at - 1] ?? "") && !ENCLITIC.test(text.slice(at, at + 3));
  const beforeApostrophe = /^['’](?!t(?!\p{L}))/iu.test(text.slice(at, at + 3));
  const isMarked =
    DANGLING_BEFORE.test(text.slice(Math.max(0, at - 2), at)) || DANGLING_BEHIND.test(text.slice(at, at + 2));
  return isInsideWord(text, at) && !afterApostrophe && !beforeApostrophe && !isMarked;
}

export function overlaps(a: PiecePlace, b: PiecePlace): boolean {
  return a.start < b.end && b.start < a.end;
}
