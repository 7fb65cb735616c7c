import type { KnownWords } from "@carousel/bundle";
import { hasCase, type Languages } from "../../languages.js";
import type { PiecePlace } from "./attention.js";
import { inflectedAs } from "./inflected-nouns.js";
import { KnownNames } from "./known-names.js";
import { KnownNouns } from "./known-nouns.js";
import { hasKnownNames, type Name, unknownNames } from "./names.js";
import { type Noun, unknownNouns } from "./nouns.js";
import { type Spanned, type Substitute, substituted } from "./substitutes.js";
import type { WordInstead } from "./unused-words.js";

export interface UnknownWordsOptions {
  readonly languages: Languages;
  /** Those that the model has seen. */
  readonly words: KnownWords;
  /** As the text was written, where some of its letters are others now: unknown words come through like this. */
  readonly written?: string;
  /** Stretches that stay: terms. */
  readonly closed: readonly PiecePlace[];
}

/**
 * Puts names and nouns that a model knows in place of those that it has not seen, and would make up others for. Each has
 * another in its place; where no more are left, it stays.
 * @returns the sentence, and where a character of it, outside of them, has gone
 */
export function withKnownWords(
  sentence: Spanned,
  options: UnknownWordsOptions,
): Spanned & { moved(at: number): number } {
  const { text } = sentence;
  const { languages, words, written = text, closed } = options;
  const names = unknownNames(sentence, options);
  const nouns = unknownNouns(sentence, { languages, words, closed: [...closed, ...names] });
  const places: (Name | Noun)[] = [...names, ...nouns];
  if (places.length === 0) return { ...sentence, moved: (at) => at };
  places.sort((a, b) => a.start - b.start);
  const rest = places.reduceRight((t, { start, end }) => `${t.slice(0, start)} ${t.slice(end)}`, text);
  const isSaid = hasCase(languages.source) || hasKnownNames(languages, words);
  const known = { text: rest, languages, isKnown: (word: string) => !isSaid || words.has(word) };
  const [knownNames, knownNouns] = [new KnownNames(known), new KnownNouns(known)];
  const insteadOf = new Map<string, WordInstead | undefined>();
  const substitutes = places.flatMap((place): Substitute[] => {
    const { start, end, kind } = place;
    const name = ("spelled" in place && place.spelled) || written.slice(start, end);
    if (!insteadOf.has(name)) {
      const word = text.slice(start, end);
      const next = typeof kind === "object" ? knownNouns.next(word, kind) : knownNames.next({ name: word, kind });
      insteadOf.set(name, next);
    }
    const instead = insteadOf.get(name);
    if (!instead) return [];
    const { word, forms } = instead;
    const inflected = typeof kind === "object" && "spelled" in place ? inflectedAs(forms, name) : undefined;
    const standIn = { forms: inflected ? Object.keys(inflected) : forms, foreign: true, name };
    return [{ start, end, word, instead: { text: name, standIn, ...(inflected ? { inflected } : {}) } }];
  });
  return substituted(sentence, substitutes);
}
