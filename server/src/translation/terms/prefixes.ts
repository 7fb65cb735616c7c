import { isSpaced } from "../../languages.js";
import type { PiecePlace } from "../inline/attention.js";
import { isInsideWord, wholeWords } from "../inline/words.js";
import { type Demand, isAtBeginning } from "./demands.js";
import { formAt, targetForms } from "./target-forms.js";

/** Places at which a term is tried, and forms of it that are. */
const MOST_PLACES = 6;
const MOST_FORMS = 4;

/** Of the most attention, what counts as much. */
const NEARLY = 0.9;

export interface PrefixOptions {
  readonly demand: Demand;
  /** Of the source sentence: all words may be the term's, with or without the mark that closes it. */
  readonly covers: "all" | "words" | "part";
  /** Where the translation's tokens lie in it. */
  readonly tokens: readonly PiecePlace[];
  /** For each of them, the share of its attention that goes to the source of the term. */
  readonly attention: readonly number[];
  /** BCP 47, of the translation. */
  readonly language: string;
}

/** Beginnings of a translation that are to be tried. */
export interface Prefixes {
  /** What stands before a word, then the term. */
  readonly begun: readonly string[];
  /** The whole translation with the term in place of the words that look most at its source. */
  readonly replaced: readonly string[];
  /** The term, where it is the sentence. */
  readonly whole: readonly string[];
}

/** Tried are the words that look most at the source of the term: something else was said for it there. */
export function prefixesWith(text: string, { demand, covers, tokens, attention, language }: PrefixOptions): Prefixes {
  const forms = targetForms(demand).slice(0, MOST_FORMS);
  const begin = (at: number, form: string) => {
    const head = text.slice(0, at);
    return spaced(head, language) + formAt(demand, form, isAtBeginning(text, at) ? "first" : "later");
  };
  const run = lookingWords(text, { tokens, attention });
  const begun = placesLooking(text, { tokens, attention }).flatMap((at) => forms.map((form) => begin(at, form)));
  const mark = covers === "words" ? /\s?\p{P}*$/u.exec(text)![0] : "";
  const whole = covers === "part" ? [] : forms.map((form) => formAt(demand, form, "first") + mark);
  const replaced = run ? forms.map((form) => begin(run.start, form) + text.slice(run.end)) : [];
  return { begun: [...new Set(begun)], replaced: [...new Set(replaced)], whole };
}

type Looking = Pick<PrefixOptions, "tokens" | "attention">;

/** Where words begin that look at the term at least half as much as the one that does most; the end, if none does. */
function placesLooking(text: string, { tokens, attention }: Looking): number[] {
  const most = Math.max(...attention);
  const starts = tokens
    .map(({ start }, k) => ({ start, mass: attention[k] ?? 0 }))
    .filter(({ start, mass }) => mass >= most / 2 && !isInsideWord(text, start))
    .sort((a, b) => b.mass - a.mass)
    .map(({ start }) => start);
  return [...new Set(starts.length > 0 ? starts : [text.length])].slice(0, MOST_PLACES);
}

/** The words around the token that looks most at the term, as far as their tokens look nearly as much; none, if none does. */
function lookingWords(text: string, { tokens, attention }: Looking): PiecePlace | undefined {
  const most = Math.max(...attention);
  const peak = attention.indexOf(most);
  if (!(most > 0) || !tokens[peak]) return undefined;
  const looks = (k: number) => (attention[k] ?? 0) >= NEARLY * most && tokens[k]!.start < tokens[k]!.end;
  let [first, last] = [peak, peak];
  while (first > 0 && looks(first - 1)) first--;
  while (last + 1 < tokens.length && looks(last + 1)) last++;
  const words = wholeWords(text, { start: tokens[first]!.start, end: tokens[last]!.end });
  const [particles = ""] = PARTICLES.exec(text.slice(words.start, words.end)) ?? [];
  return { ...words, end: words.end - particles.length };
}

/** What Japanese has behind a noun, often in one token with it: トムの */
const PARTICLES = /(?<=[^\p{sc=Hira}])(?:の|は|が|を|に|と|も|で|へ|や)+$/u;

/** With a space behind the last word where the language has them. */
function spaced(head: string, language: string): string {
  const needsNone = head === "" || /[\s([{"'“‘«¿¡-]$/u.test(head) || !isSpaced(language);
  return needsNone ? head : `${head} `;
}
