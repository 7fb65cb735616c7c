import { type Aligned, type PiecePlace, translatedStretch } from "./attention.js";
import type { PartOfSpan } from "./parts.js";
import type { StandIn } from "./span.js";
import { isInsideWord, wholeWords } from "./words.js";

/** A stretch of a translation in place of which something else is written. */
export interface Replacement extends PiecePlace {
  readonly text: string;
}

/**
 * Finds the stand-ins of placeholders in a translation: where one is written as it can be, nearest to where attention says
 * it is; otherwise what looked at it. Stand-ins that the model wrote once too often are replaced by nothing.
 * @returns replacements that do not overlap, by start; and the one of each placeholder
 */
export function replaceStandIns(
  text: string,
  { spans, aligned, closed }: { spans: readonly PartOfSpan[]; aligned: Aligned; closed: readonly PiecePlace[] },
): { replacements: Replacement[]; of: Map<PartOfSpan, Replacement> } {
  const of = new Map<PartOfSpan, Replacement>();
  const isFree = (place: PiecePlace) =>
    ![...closed, ...of.values()].some((r) => r.start < place.end && place.start < r.end);
  for (const span of spans) {
    const stretch = wholeWords(text, translatedStretch(aligned, span));
    const written = occurrences(text, span.instead!.standIn).filter(isFree);
    const [nearest] = written.sort((a, b) => distance(a, stretch) - distance(b, stretch));
    const place = nearest ?? (isFree(stretch) ? stretch : behind(stretch, [...closed, ...of.values()]));
    of.set(span, { start: place.start, end: place.end, text: apart(text, place, span.instead!.text) });
  }
  const leftOver = spans
    .map((span) => span.instead!.standIn)
    .flatMap((standIn) => (standIn.foreign ? occurrences(text, standIn) : []))
    .filter(isFree)
    .map((place) => ({ ...withSpace(text, withGenitive(text, place)), text: "" }))
    .filter((place, k, all) => isFree(place) && all.findIndex((other) => other.start === place.start) === k);
  const replacements = [...of.values(), ...leftOver].sort((a, b) => a.start - b.start || a.end - b.end);
  return { replacements, of };
}

/** What a translation begins with, as the model is to write it: with stand-ins for placeholders of the source. */
export interface Begun {
  readonly text: string;
  /** What in it is no stand-in, and stays. */
  readonly literal: readonly PiecePlace[];
}

export function withStandIns(prefix: string, placeholders: readonly PartOfSpan[]): Begun {
  const literal: PiecePlace[] = [];
  let [text, rest] = ["", prefix];
  const copy = (length: number) => {
    if (length > 0) literal.push({ start: text.length, end: text.length + length });
    text += rest.slice(0, length);
    rest = rest.slice(length);
  };
  const left = placeholders.map(({ instead }) => instead!);
  for (;;) {
    const places = left.map((instead) => rest.indexOf(instead.text)).map((at) => (at < 0 ? rest.length : at));
    const at = Math.min(rest.length, ...places);
    copy(at);
    if (rest === "") return { text, literal };
    const [{ text: written, standIn }] = left.splice(places.indexOf(at), 1) as [(typeof left)[number]];
    text += standIn.foreign ? standIn.forms[0]! : written;
    rest = rest.slice(written.length);
  }
}

/** What stands in place of no word has spaces around it where the words of the translation have. */
function apart(text: string, { start, end }: PiecePlace, written: string): string {
  if (start < end) return written;
  const before = /[\p{sc=Latn}\p{Nd}.,;:!?)»”]/u.test(text[start - 1] ?? "") ? " " : "";
  const behind = /[\p{sc=Latn}\p{Nd}]/u.test(text[start] ?? "") ? " " : "";
  return before + written + behind;
}

function occurrences(text: string, { forms }: StandIn): PiecePlace[] {
  for (const form of forms) {
    const found: PiecePlace[] = [];
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      const end = at + form.length;
      if (!joins(text, at) && !joins(text, end) && !isInsideNumber(text, at, end)) found.push({ start: at, end });
    }
    if (found.length > 0) return found;
  }
  return [];
}

/** Whether a word goes on at that character; a name has an apostrophe before or behind it: d'Alice, Tom's. */
function joins(text: string, at: number): boolean {
  return isInsideWord(text, at) && !/['’]/.test(text.slice(at - 1, at + 1));
}

function withGenitive(text: string, { start, end }: PiecePlace): PiecePlace {
  return { start, end: /^['’]s(?!\p{L})/u.test(text.slice(end, end + 3)) ? end + 2 : end };
}

function isInsideNumber(text: string, start: number, end: number): boolean {
  return /\d[.,]?$/.test(text.slice(0, start)) || /^[.,]?\d/.test(text.slice(end));
}

function distance(a: PiecePlace, b: PiecePlace): number {
  return Math.abs(a.start + a.end - b.start - b.end);
}

/** The end of the taken stretch that a place lies in. */
function behind(place: PiecePlace, taken: readonly PiecePlace[]): PiecePlace {
  const end = taken.reduce((most, r) => (r.start <= place.end && r.end > most ? r.end : most), place.start);
  return { start: end, end };
}

/** One of the spaces around a word that is taken out goes with it. */
function withSpace(text: string, { start, end }: PiecePlace): PiecePlace {
  if (text[start - 1] === " ") return { start: start - 1, end };
  return text[end] === " " ? { start, end: end + 1 } : { start, end };
}
