import { casedWordsIn, type KnownWords, type Word } from "@carousel/bundle";
import { byLanguage, type Languages, primaryLanguage } from "../../languages.js";
import { isAtBeginning } from "../terms/demands.js";
import { overlaps } from "../terms/occurrences.js";
import type { PiecePlace } from "./attention.js";
import { foreignWords } from "./foreign-words.js";
import { isFormOfKnown } from "./inflections.js";
import { japaneseNames } from "./japanese/names.js";
import { KnownNames, type NameKind } from "./known-names.js";
import type { NounKind } from "./known-nouns.js";
import { openPlaces, type Spanned } from "./substitutes.js";
import { isBesideDigit } from "./words.js";

export interface NamesOptions {
  readonly languages: Languages;
  /** Those that the model has seen. */
  readonly words: KnownWords;
  /** Stretches that stay: terms. */
  readonly closed: readonly PiecePlace[];
}

export interface Name extends PiecePlace {
  /** Of what another name is to stand for it; undefined when any will do. */
  readonly kind: NameKind | NounKind | undefined;
  /** As the target language spells it; absent when it stays as it is written. */
  readonly spelled?: string | undefined;
}

export interface SeenNames {
  /** Those that the model has seen. */
  readonly words: KnownWords;
  /** BCP 47. */
  readonly target: string;
  /** Whether something else may stand at a place. */
  readonly isOpen: (place: PiecePlace) => boolean;
}

/** Finds unknown names of a language in its own script without case. */
export type FindNames = (text: string, seen: SeenNames) => Name[];

const FINDERS: Readonly<Record<string, FindNames>> = { ja: japaneseNames };

/** Whether names of a language that have no capital can be unknown: models of some bundles know none of the others either. */
export function hasKnownNames({ source }: Languages, words: KnownWords): boolean {
  return primaryLanguage(source) in FINDERS && KnownNames.areIn(words, source);
}

/**
 * Names that a model has not seen, in order: runs of words with capitals that are not known in small letters, one of them not
 * as it is written either, words in another script than its language, and names of its own script if that has no case.
 */
export function unknownNames(sentence: Spanned, options: NamesOptions): Name[] {
  const { text } = sentence;
  const { languages, words, closed } = options;
  const { source, target } = languages;
  const names = placesOfNames(sentence, options).map((place) => ({ ...place, kind: kindOf(text, place, source) }));
  if (!hasKnownNames(languages, words)) return names;
  const isOpen = openPlaces(sentence, [...closed, ...names]);
  return [...names, ...FINDERS[primaryLanguage(source)]!(text, { words, target, isOpen })];
}

interface Capitalized extends PiecePlace {
  /** Whether all its words are known as they are written. */
  readonly isKnown: boolean;
}

function placesOfNames(sentence: Spanned, { languages, words, closed }: NamesOptions): PiecePlace[] {
  const { text } = sentence;
  const isOpen = openPlaces(sentence, closed);
  const between = betweenWords(languages.source);
  const seen = { text, languages, words };
  const foreign = foreignWords(text, languages.source).filter(isOpen);
  const names: Capitalized[] = [];
  let first: Capitalized | undefined;
  for (const word of casedWordsIn(text)) {
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
    else names.push({ start: beginning(word, { ...seen, isOpen }), end: word.end, isKnown });
  }
  const unknown = names.filter(({ isKnown }) => !isKnown).map(({ start, end }) => ({ start, end }));
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

/** Where a name begins: with a title that the model has not seen, too. */
function beginning(
  { start: at, end }: PiecePlace,
  { text, words, isOpen }: Seen & { readonly isOpen: (place: PiecePlace) => boolean },
): number {
  const [before = ""] = BEGINNING.exec(text.slice(0, at)) ?? [];
  const { 0: titled = "", 1: title } = TITLED.exec(text.slice(0, at - before.length)) ?? [];
  const isTitleKnown = title === undefined || words.has(title);
  const starts = [at - before.length - (isTitleKnown ? 0 : titled.length), at - before.length];
  return starts.find((start) => isOpen({ start, end })) ?? at;
}

const betweenWords = byLanguage((language) => {
  const particles = PARTICLES[primaryLanguage(language)];
  const all = particles === undefined ? BETWEEN : String.raw`${BETWEEN}|[ \u00a0](?:${particles})[ \u00a0]`;
  return new RegExp(`^(?:${all})$`, "u");
});

/** Behind a title stands a family's name: one that is nobody's first name. */
const TITLED = new RegExp(String.raw`(?<!\p{L})(${TITLES})\.?[ \u00a0]$`, "iu");
/** Words about a woman, who may be the one that is named. */
const FEMININE = /(?<!\p{L})(?:she|her|herself|girl|woman|elle|sie|ella)(?!\p{L})|彼女/iu;

function kindOf(text: string, { start, end }: PiecePlace, language: string): NameKind {
  const before = text.slice(0, start);
  const isPlace =
    primaryLanguage(language) === "en" && /(?<!\p{L})in $/iu.test(before) && !/^['’]s/.test(text.slice(end));
  if (isPlace || TITLED.test(before)) return "place";
  return FEMININE.test(text) ? "woman" : "man";
}
