import { type Aligned, type PiecePlace, translatedStretch } from "./attention.js";
import { madeUpUnit } from "./made-up-units.js";
import type { PartOfSpan } from "./parts.js";
import type { Instead, StandIn } from "./span.js";
import { isInsideWord, wholeWords } from "./words.js";

/** A stretch of a translation in place of which something else is written. */
export interface Replacement extends PiecePlace {
  readonly text: string;
}

/**
 * Finds the stand-ins of placeholders in a translation: where one is written as it can be, nearest to where attention says
 * it is; otherwise, of a number another, or what looked at it. Stand-ins that the model wrote once too often are replaced by
 * nothing, those of numbers and names by these.
 * @returns replacements that do not overlap, by start; and the one of each placeholder
 */
export function replaceStandIns(
  text: string,
  { spans, aligned, closed }: { spans: readonly PartOfSpan[]; aligned: Aligned; closed: readonly GivenPlace[] },
): { replacements: Replacement[]; of: Map<PartOfSpan, Replacement> } {
  const of = new Map<PartOfSpan, Replacement>();
  const isFree = (place: PiecePlace) =>
    ![...closed, ...of.values()].some((r) => r.start < place.end && place.start < r.end);
  const put = (span: PartOfSpan, place: PiecePlace, written = span.instead!.text) => {
    const unit = madeUpUnit(text, place.end, span.instead!);
    const end = isFree(unit) ? unit.end : place.end;
    of.set(span, ordinal(text, { start: place.start, end, text: apart(text, place, written) }));
  };
  const stretchOf = (span: PartOfSpan) => wholeWords(text, translatedStretch(aligned, span));
  const nearest = (span: PartOfSpan, places: readonly PiecePlace[]) => {
    const free = places.filter(isFree);
    if (free.length < 2) return free[0];
    const stretch = stretchOf(span);
    return free.sort((a, b) => distance(a, stretch) - distance(b, stretch))[0];
  };
  for (const span of spans) {
    const given = closed.find(({ instead }) => instead && instead === span.instead);
    if (given) put(span, given);
  }
  for (const span of spans.filter((span) => !of.has(span))) {
    const written = nearest(span, occurrences(text, span.instead!.standIn));
    if (written && isSaid(span.instead!)) put(span, written, text.slice(written.start, written.end));
    else if (written) put(span, written, span.instead!.inflected?.[text.slice(written.start, written.end)]);
  }
  const isSaidElsewhere = ({ instead }: PartOfSpan) =>
    [...of.keys()].some((other) => other.instead!.standIn.name === instead!.standIn.name);
  for (const span of spans.filter((span) => !of.has(span))) {
    if (span.instead!.standIn.name !== undefined && isSaidElsewhere(span)) continue;
    const stretch = withoutMarks(text, stretchOf(span));
    const number = span.instead!.standIn.number !== undefined ? nearest(span, numbers(text)) : undefined;
    put(span, number ?? (isFree(stretch) ? stretch : behind(stretch, [...closed, ...of.values()])));
  }
  const again = ({ number, name = number }: StandIn, place: PiecePlace) =>
    name === undefined ? { ...withSpace(text, withGenitive(text, place)), text: "" } : { ...place, text: name };
  const leftOver = spans
    .map(({ instead }) => instead!.standIn)
    .flatMap((standIn) =>
      (standIn.foreign ? occurrences(text, standIn) : []).filter(isFree).map((place) => again(standIn, place)),
    )
    .filter((place, k, all) => isFree(place) && all.findIndex((other) => other.start === place.start) === k);
  const replacements = [...of.values(), ...leftOver].sort((a, b) => a.start - b.start || a.end - b.end);
  return { replacements, of };
}

/** A stretch of what a translation begins with. */
export interface GivenPlace extends PiecePlace {
  /** The placeholder that it stands for. */
  readonly instead?: Instead;
}

/** What a translation begins with, as the model is to write it: with stand-ins for placeholders of the source. */
export interface Begun {
  readonly text: string;
  /** All of it: what stays, and what stands for placeholders. */
  readonly places: readonly GivenPlace[];
}

export function withStandIns(prefix: string, placeholders: readonly PartOfSpan[]): Begun {
  const given: GivenPlace[] = [];
  let [text, rest] = ["", prefix];
  const write = (place: string, instead?: Instead) => {
    if (place !== "")
      given.push({ start: text.length, end: text.length + place.length, ...(instead ? { instead } : {}) });
    text += place;
  };
  const left = placeholders.map(({ instead }) => instead!);
  for (;;) {
    const places = left.map((instead) => rest.indexOf(instead.text)).map((at) => (at < 0 ? rest.length : at));
    const at = Math.min(rest.length, ...places);
    write(rest.slice(0, at));
    rest = rest.slice(at);
    if (rest === "") return { text, places: given };
    const [instead] = left.splice(places.indexOf(at), 1) as [Instead];
    write(instead.standIn.foreign ? instead.standIn.forms[0]! : instead.text, instead);
    rest = rest.slice(instead.text.length);
  }
}

/** A number that stands for itself may be a word. */
function isSaid({ text, standIn: { foreign, number } }: Instead): boolean {
  return !foreign && text === number;
}

/** 21st, where the stand-in was 30th. */
function ordinal(text: string, replacement: Replacement): Replacement {
  const { start, end, text: written } = replacement;
  const [suffix] = /^(?:st|nd|rd|th)(?![\p{L}\p{N}])/u.exec(text.slice(end)) ?? [];
  if (suffix === undefined || !/\d$/.test(written)) return replacement;
  const ending = /1\d$/.test(written) ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[written.at(-1)!] ?? "th");
  return { start, end: end + 2, text: written + ending };
}

/** What stands in place of no word has spaces around it where the words of the translation have. */
function apart(text: string, { start, end }: PiecePlace, written: string): string {
  if (start < end) return written;
  const before = /[\p{sc=Latn}\p{Nd}.,;:!?)»”]/u.test(text[start - 1] ?? "") ? " " : "";
  const behind = /[\p{sc=Latn}\p{Nd}]/u.test(text[start] ?? "") ? " " : "";
  return before + written + behind;
}

function occurrences(text: string, { forms, number }: StandIn): PiecePlace[] {
  for (const form of forms) {
    const found: PiecePlace[] = [];
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      const end = at + form.length;
      const isWord = number !== undefined || !(joins(text, at) || joins(text, end));
      if (isWord && !isInsideNumber(text, at, end)) found.push({ start: at, end });
    }
    if (found.length > 0) return found;
  }
  return [];
}

/** Numbers of two digits or more, as models write them: 2 h 30, 2時半, 20 27. */
const NUMBER =
  /\d+\s?(?:時(?:半|\d+分)|h(?:eures?)?\s?\d+)|\d[\d.,:/–-]*\d(?:[ \u00a0\u202f]\d{2,3}(?!\d))*|\d(?:[ \u00a0\u202f]\d{3}(?!\d))+/g;

function numbers(text: string): PiecePlace[] {
  return [...text.matchAll(NUMBER)].map(({ 0: number, index }) => ({ start: index, end: index + number.length }));
}

/** Whether a word goes on at that character; a name has an apostrophe before or behind it: d'Alice, Tom's. */
function joins(text: string, at: number): boolean {
  return isInsideWord(text, at) && !/['’]/.test(text.slice(at - 1, at + 1));
}

function withGenitive(text: string, { start, end }: PiecePlace): PiecePlace {
  return { start, end: /^['’]s(?!\p{L})/u.test(text.slice(end, end + 3)) ? end + 2 : end };
}

function isInsideNumber(text: string, start: number, end: number): boolean {
  return /\d[.,:]?$/.test(text.slice(0, start)) || /^[.,:]?\d/.test(text.slice(end));
}

function distance(a: PiecePlace, b: PiecePlace): number {
  return Math.abs(a.start + a.end - b.start - b.end);
}

/** The end of the taken stretch that a place lies in. */
function behind(place: PiecePlace, taken: readonly PiecePlace[]): PiecePlace {
  const end = taken.reduce((most, r) => (r.start <= place.end && r.end > most ? r.end : most), place.start);
  return { start: end, end };
}

/** Marks of the sentence that a stretch ends with stay: one of nothing else is a place in front of them. */
function withoutMarks(text: string, { start, end }: PiecePlace): PiecePlace {
  return { start, end: start + text.slice(start, end).replace(/[.,;:!?…。、，；：！？\s]+$/u, "").length };
}

/** One of the spaces around a word that is taken out goes with it. */
function withSpace(text: string, { start, end }: PiecePlace): PiecePlace {
  if (text[start - 1] === " ") return { start: start - 1, end };
  return text[end] === " " ? { start, end: end + 1 } : { start, end };
}
