import { type KnownWords, type Word, wordsIn } from "@carousel/bundle";
import { hasCase, type Languages, primaryLanguage } from "../../languages.js";
import { isAtBeginning } from "../terms/demands.js";
import { overlaps } from "../terms/occurrences.js";
import type { PiecePlace } from "./attention.js";
import { foreignWords } from "./foreign-words.js";
import { isFormOfKnown } from "./inflections.js";
import { type Kind, KnownNames, type NameInstead } from "./known-names.js";
import { openPlaces, type Spanned, type Substitute, substituted } from "./substitutes.js";
import { isBesideDigit } from "./words.js";

export interface NamesOptions {
  readonly languages: Languages;
  /** Those that the model has seen. */
  readonly words: KnownWords;
  /** As the text was written, where some of its letters are others now: names come through like this. */
  readonly written?: string;
  /** Stretches that stay: terms. */
  readonly closed: readonly PiecePlace[];
}

/**
 * Puts names that a model knows in place of those that it has not seen, and would make up others for. A name is a run of words with
 * capitals that are not known in small letters, one of them not as it is written either; or it is in another script than its
 * language. Each has another in its place; where no more are left, it stays.
 * @returns the sentence, and where a character of it, outside of names, has gone
 */
export function withNames(sentence: Spanned, options: NamesOptions): Spanned & { moved(at: number): number } {
  const { text } = sentence;
  const { languages, words, written = text } = options;
  const places = unknownNames(sentence, options);
  if (places.length === 0) return { ...sentence, moved: (at) => at };
  const rest = places.reduceRight((t, { start, end }) => `${t.slice(0, start)} ${t.slice(end)}`, text);
  const isCased = hasCase(languages.source);
  const isKnown = (word: string) => !isCased || words.has(word);
  const known = new KnownNames({ text: rest, languages, isKnown });
  const standIns = new Map<string, NameInstead | undefined>();
  const substitutes = places.flatMap((place): Substitute[] => {
    const name = written.slice(place.start, place.end);
    const kind = kindOf(text, place, languages.source);
    if (!standIns.has(name)) standIns.set(name, known.next({ name: text.slice(place.start, place.end), kind }));
    const standIn = standIns.get(name);
    if (!standIn) return [];
    const { word, forms } = standIn;
    return [{ ...place, word, instead: { text: name, standIn: { forms, foreign: true, name } } }];
  });
  return substituted(sentence, substitutes);
}

interface Name extends PiecePlace {
  /** Whether all its words are known as they are written. */
  readonly isKnown: boolean;
}

function unknownNames(sentence: Spanned, { languages, words, closed }: NamesOptions): PiecePlace[] {
  const { text } = sentence;
  const isOpen = openPlaces(sentence, closed);
  const between = betweenWords(languages.source);
  const seen = { text, languages, words };
  const foreign = foreignWords(text, languages.source).filter(isOpen);
  const names: Name[] = [];
  let first: Name | undefined;
  for (const word of wordsIn(text)) {
    if (foreign.some((place) => overlaps(place, word))) continue;
    if (!isNameLike(word, seen) || isBesideDigit(text, word) || !isOpen(word)) continue;
    if (mayBeNoName(word, seen)) {
      first = { start: word.start, end: word.end, isKnown: false };
      continue;
    }
    const isKnown = words.has(word.word);
    const last = names.at(-1) ?? (isKnown ? undefined : first);
    const joined = last && { start: last.start, end: word.end, isKnown: last.isKnown && isKnown };
    const isJoined = joined && between.test(text.slice(last.end, word.start)) && isOpen(joined);
    if (isJoined) names.splice(-1, 1, joined);
    else names.push({ start: beginning(text, word, isOpen), end: word.end, isKnown });
  }
  const unknown: PiecePlace[] = names.filter(({ isKnown }) => !isKnown);
  return [...unknown, ...foreign].sort((a, b) => a.start - b.start);
}

/** Words that stand before names, and are no part of them. */
const TITLES = "Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Lady|Lord|Madame|Monsieur|Mme|Mlle|Herr|Frau|Hr|Sr|Sra|Srta|Sig|Dott";
const TITLE = new RegExp(`^(?:${TITLES}|St|Ste)$`, "iu");

type Seen = Pick<NamesOptions, "languages" | "words"> & { readonly text: string };

function isNameLike({ word }: Word, { languages, words }: Seen): boolean {
  if (word.length < 2 || !/\p{Lu}/u.test(word) || TITLE.test(word)) return false;
  return !words.has(word.toLocaleLowerCase(languages.source));
}

/**
 * The capital of a sentence's first word may be the sentence's: what is spelled as forms of a known word are is a name only in
 * front of an unknown one.
 */
function mayBeNoName({ word, start }: Word, { text, languages, words }: Seen): boolean {
  return isAtBeginning(text, start) && isFormOfKnown(word.toLocaleLowerCase(languages.source), words);
}

/** What names begin with in front of a word: J. K. Rowling, O'Brien, St. Louis. */
const BEGINNING = /(?<![\p{L}\p{N}.'’])(?:(?:\p{Lu}\.[ \u00a0]?)+|[Oo]['’]|Ste?\.?[ \u00a0])$/u;
/** What they have between words: Jean-Luc Picard, Johann S. Bach, Conan O'Brien. */
const BETWEEN = String.raw`[ \u00a0]|[-'’]|[ \u00a0](?:\p{Lu}\.[ \u00a0]?)+|[ \u00a0][Oo]['’]`;
/** Small words of names, in languages that have no such word of their own. */
const PARTICLES: Readonly<Record<string, string>> = {
  en: "van|van der|van den|von|von der|zu|de|de la|del|della|di|da|dos|du|bin|ibn|ben|al|el|ter",
};

function beginning(text: string, word: PiecePlace, isOpen: (place: PiecePlace) => boolean): number {
  const [before = ""] = BEGINNING.exec(text.slice(0, word.start)) ?? [];
  const start = word.start - before.length;
  return isOpen({ start, end: word.end }) ? start : word.start;
}

const patterns = new Map<string, RegExp>();

function betweenWords(language: string): RegExp {
  const known = patterns.get(language);
  if (known) return known;
  const particles = PARTICLES[primaryLanguage(language)];
  const all = particles === undefined ? BETWEEN : String.raw`${BETWEEN}|[ \u00a0](?:${particles})[ \u00a0]`;
  const pattern = new RegExp(`^(?:${all})$`, "u");
  patterns.set(language, pattern);
  return pattern;
}

/** Behind a title stands a family's name: one that is nobody's first name. */
const TITLED = new RegExp(String.raw`(?<!\p{L})(?:${TITLES})\.?[ \u00a0]$`, "iu");
/** Words about a woman, who may be the one that is named. */
const FEMININE = /(?<!\p{L})(?:she|her|herself|girl|woman|elle|sie|ella)(?!\p{L})|彼女/iu;

function kindOf(text: string, { start, end }: PiecePlace, language: string): Kind {
  const before = text.slice(0, start);
  const isPlace =
    primaryLanguage(language) === "en" && /(?<!\p{L})in $/iu.test(before) && !/^['’]s/.test(text.slice(end));
  if (isPlace || TITLED.test(before)) return "place";
  return FEMININE.test(text) ? "woman" : "man";
}
