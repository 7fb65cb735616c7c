import type { KnownWords } from "@carousel/bundle";
import { type Languages, primaryLanguage } from "../../languages.js";
import type { PiecePlace } from "./attention.js";
import { englishNouns } from "./english-nouns.js";
import { KnownNouns, type NounKind } from "./known-nouns.js";
import { openPlaces, type Spanned } from "./substitutes.js";

export interface Noun extends PiecePlace {
  readonly kind: NounKind;
}

export interface SeenWords {
  /** Those that the model has seen. */
  readonly words: KnownWords;
  /** Whether something else may stand at a place. */
  readonly isOpen: (place: PiecePlace) => boolean;
}

/** Finds unknown words in small letters that stand where a language has nouns, but for inflected forms of known ones. */
type FindNouns = (text: string, seen: SeenWords) => Noun[];

const FINDERS: Readonly<Record<string, FindNouns>> = { en: englishNouns };

export interface NounsOptions {
  readonly languages: Languages;
  /** Those that the model has seen. */
  readonly words: KnownWords;
  /** Stretches that stay. */
  readonly closed: readonly PiecePlace[];
}

/**
 * Common nouns that a model has not seen, in order: words in small letters that are no forms of known ones. In languages
 * without a finder, or into those in which no noun is known to stand for them, there are none.
 */
export function unknownNouns(sentence: Spanned, { languages, words, closed }: NounsOptions): Noun[] {
  const find = FINDERS[primaryLanguage(languages.source)];
  if (!find || !KnownNouns.has(languages.target)) return [];
  return find(sentence.text, { words, isOpen: openPlaces(sentence, closed) });
}
