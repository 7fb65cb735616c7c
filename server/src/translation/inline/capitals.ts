import { casedWordsIn, type KnownWords } from "@carousel/bundle";
import { hasCase, primaryLanguage } from "../../languages.js";
import { type Demand, isAtBeginning } from "../terms/demands.js";
import { overlaps } from "../terms/occurrences.js";
import type { PiecePlace } from "./attention.js";
import { isFormOfKnown } from "./inflections.js";
import { openPlaces, type Spanned } from "./substitutes.js";
import { isBesideDigit } from "./words.js";

/** Letters of a word that is a shouted sentence by itself: of fewer are abbreviations, too. */
const LEAST_ALONE = 4;

/** Those of English that are other words in small letters. */
const ABBREVIATION = /^(?:US|IT|WHO|AIDS|AM|OR)$/;

interface Sentence extends Spanned {
  readonly demands: readonly Demand[];
}

export interface NormalWritingOptions {
  /** BCP 47, of the sentence. */
  readonly language: string;
  /** Those that the model has seen, if that is known. */
  readonly words: KnownWords | undefined;
}

export interface NormalWriting {
  /** Every letter is where it was. */
  readonly text: string;
  /** Whether all words were in capitals. */
  readonly isShouted: boolean;
}

/**
 * A sentence in capitals, words in capitals for emphasis, and words of a sentence without any capital that are known with one, as a
 * model has seen them. Terms in capitals are not for emphasis.
 */
export function normalWriting(sentence: Sentence, { language, words }: NormalWritingOptions): NormalWriting {
  const { text, demands } = sentence;
  const hasCapitals = /\p{Lu}/u.test(text);
  if (!(hasCapitals ? /\p{Lu}{2}/u.test(text) : words) || !hasCase(language)) return { text, isShouted: false };
  const isOpen = openPlaces(sentence, []);
  const writing = new Writing(language, words);
  const all = [...casedWordsIn(text)]
    .filter((place) => isOpen(place) && !isBesideDigit(text, place) && !isInitial(text, place))
    .map(({ start, end }) => ({ start, end, word: text.slice(start, end) }));
  const isShouted = writing.areShouted(all.map(({ word }) => word));
  const isOther = (place: (typeof all)[number]) =>
    (hasCapitals ? writing.isEmphasis(place.word) : writing.lacksCapital(place.word)) &&
    !demands.some((demand) => overlaps(demand, place));
  const normal = (isShouted ? all : all.filter(isOther)).reduce((written, { start, end, word }) => {
    const known = writing.known(word);
    const begun = isAtBeginning(text, start) ? writing.capitalized(known) : known;
    return written.slice(0, start) + begun + written.slice(end);
  }, text);
  return { text: normal, isShouted };
}

class Writing {
  constructor(
    private readonly language: string,
    private readonly words: KnownWords | undefined,
  ) {}

  areShouted(words: readonly string[]): boolean {
    if (words.length === 0 || words.some((word) => !isUpper(word))) return false;
    if (!this.words) return words.length > 1;
    return words.some((word) => this.isEmphasis(word)) && (words.length > 1 || words[0]!.length >= LEAST_ALONE);
  }

  /** Of an abbreviation the capitals are known, or small letters are not. */
  isEmphasis(word: string): boolean {
    return (
      word.length > 1 && isUpper(word) && !ABBREVIATION.test(word) && this.has(this.lower(word)) && !this.has(word)
    );
  }

  /** Monday, and not the plural of a known word that once began a sentence. */
  lacksCapital(word: string): boolean {
    return !this.has(word) && this.has(this.capitalized(word)) && !isFormOfKnown(word, this.words!);
  }

  /** In capitals it may be one of those that are written so, or a name. */
  known(word: string): string {
    if (word === "I" && primaryLanguage(this.language) === "en") return word;
    const lower = this.lower(word);
    if (!this.words || this.has(lower)) return lower;
    if (this.has(word)) return word;
    const name = this.capitalized(lower);
    return !this.has(name) && isFormOfKnown(lower, this.words) ? lower : name;
  }

  capitalized(word: string): string {
    const [first = ""] = word;
    return this.sameLength(first, first.toLocaleUpperCase(this.language)) + word.slice(first.length);
  }

  lower(word: string): string {
    return this.sameLength(word, word.toLocaleLowerCase(this.language));
  }

  private sameLength(word: string, other: string): string {
    return other.length === word.length ? other : word;
  }

  private has(word: string): boolean {
    return this.words?.has(word.normalize("NFC")) ?? false;
  }
}

/** J. K. Rowling, U.S. */
function isInitial(text: string, { start, end }: PiecePlace): boolean {
  return end - start === 1 && text[end] === ".";
}

function isUpper(word: string): boolean {
  return /^[\p{Lu}\p{M}]+$/u.test(word);
}

/** Writes stretches of a translation in capitals, where its language has them, but for what is kept. */
export function inCapitals(
  text: string,
  { language, kept }: { language: string; kept: readonly PiecePlace[] },
): (place: PiecePlace) => string {
  const inOrder = [...kept].sort((a, b) => a.start - b.start);
  const isCased = hasCase(language);
  const upper = (said: string) => (isCased ? said.toLocaleUpperCase(language) : said);
  return ({ start, end }) => {
    let [out, from] = ["", start];
    for (const place of inOrder) {
      const [begin, stop] = [Math.max(from, place.start), Math.min(end, place.end)];
      if (begin >= stop) continue;
      out += upper(text.slice(from, begin)) + text.slice(begin, stop);
      from = stop;
    }
    return out + upper(text.slice(from, end));
  };
}
