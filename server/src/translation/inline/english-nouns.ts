import type { PiecePlace } from "./attention.js";
import * as english from "./english-words.js";
import type { NounKind, NounNumber } from "./known-nouns.js";
import type { Noun, SeenWords } from "./nouns.js";

/** A word or a number. */
interface Token extends PiecePlace {
  /** In small letters: don't, hedgehog's. */
  readonly word: string;
  /** Without what is behind an apostrophe. */
  readonly base: string;
  readonly isUnknown: boolean;
  /** Whether nothing but a space is between the token before and this one. */
  readonly isBeside: boolean;
}

const TOKEN = /(\p{L}[\p{L}\p{M}]*(?:[-‐]\p{L}[\p{L}\p{M}]*)*)(['’]\p{L}+)?|\p{Nd}+/gu;

function tokensOf(text: string, { words, isOpen }: SeenWords): Token[] {
  const isUnknown = (word: string) => /^\p{Ll}{2,}$/u.test(word) && !english.isKnownForm(word, (w) => words.has(w));
  let behind = 0;
  return Array.from(text.matchAll(TOKEN), ({ 0: all, 1: base = all, 2: suffix = "", index: start }) => {
    const [end, isBeside] = [start + base.length, /^['’]?[ \u00a0]$/.test(text.slice(behind, start))];
    behind = start + all.length;
    const mayBeNoun = suffix === "" || /^['’]s$/.test(suffix);
    const isNew = mayBeNoun && isUnknown(base.normalize("NFC")) && isOpen({ start, end });
    const word = all.toLowerCase().replace("’", "'");
    return { start, end, word, base: base.toLowerCase(), isUnknown: isNew, isBeside };
  });
}

/** An unknown word, or a run of them, with the words beside it as far as nothing but spaces is between. */
interface Phrase {
  readonly opener: Opener | undefined;
  /** The word in front of it. */
  readonly before: Token | undefined;
  readonly head: Token;
  readonly next: Token | undefined;
}

/** What begins a group of words that ends in a noun. */
interface Opener {
  /** A determiner, what stands in front of an object, or only in front of one of many. */
  readonly kind: "determiner" | "object" | "many";
  readonly word: string;
  /** Between it and the noun, nearest to the noun first. */
  readonly modifiers: readonly Token[];
  /** What stands in front of it. */
  readonly before: Token | undefined;
}

/** Words between a determiner and its noun. */
const MOST_MODIFIERS = 3;

/** Nouns of a sentence among the words that are unknown: by their looks, and by the words beside them. */
export function englishNouns(text: string, seen: SeenWords): Noun[] {
  const tokens = tokensOf(text, seen);
  const isAll = tokens.every((token) => token.isUnknown);
  const nouns: Noun[] = [];
  let noun: { last: number; number: NounNumber } | undefined;
  for (let first = 0; first < tokens.length; first++) {
    if (!tokens[first]!.isUnknown) continue;
    const { last, ...phrase } = phraseAt(tokens, first);
    const beside = noun && areCoordinated(text, tokens, { left: noun.last, right: first }) ? noun.number : undefined;
    const number = isAll ? "mass" : (numberOf(phrase) ?? (beside && numberBeside(phrase, beside)));
    if (number) {
      nouns.push({ start: tokens[first]!.start, end: phrase.head.end, kind: { number, ...initialOf(phrase) } });
      noun = { last, number };
    }
    first = last;
  }
  return nouns;
}

function phraseAt(tokens: readonly Token[], first: number): Phrase & { last: number } {
  const before: Token[] = [];
  for (let k = first; tokens[k]!.isBeside && k > 0 && before.length < MOST_MODIFIERS + 2; k--)
    before.push(tokens[k - 1]!);
  const opener = openerOf(before);
  let last = first;
  while (goesOn(tokens[last]!, tokens[last + 1], opener)) last++;
  const next = tokens[last + 1]?.isBeside ? tokens[last + 1] : undefined;
  return { opener, before: before[0], head: tokens[last]!, next, last };
}

/** Whether a run of unknown words does: not with what may be a verb, as what ends in -s may behind a subject. */
function goesOn(left: Token, right: Token | undefined, opener: Opener | undefined): boolean {
  if (!right?.isUnknown || !right.isBeside || left.word !== left.base || english.looksLikeVerb(right.base))
    return false;
  return !english.looksPlural(right.base) || (opener !== undefined && isObject(opener));
}

function openerOf(before: readonly Token[]): Opener | undefined {
  for (const [k, token] of before.slice(0, MOST_MODIFIERS + 1).entries()) {
    const kind = kindOf(token, before[k + 1]);
    const modifiers = before.slice(0, k);
    const isNear = kind === "determiner" || modifiers.every(({ word }) => english.isDescriptive(word));
    if (kind && isNear) return { kind, word: token.word, modifiers, before: before[k + 1] };
    if (english.FUNCTION.has(token.word) || token.isUnknown) return undefined;
  }
  return undefined;
}

function kindOf({ word, base }: Token, before: Token | undefined): Opener["kind"] | undefined {
  const isGenitive = word.endsWith("'s") && !english.FUNCTION.has(base);
  if (isGenitive || english.DETERMINERS.has(word) || /^\p{Nd}/u.test(word)) return "determiner";
  if (english.BEFORE_OBJECT.has(word)) return "object";
  const isVerb = english.BEFORE_VERB.has(before?.word ?? "") && !english.FUNCTION.has(word) && !english.isAdverb(word);
  return isVerb || english.BEFORE_MANY.has(word) ? "many" : undefined;
}

/** Whether a verb or a preposition stands in front of the noun, so that no verb of its own follows it. */
function isObject({ kind, before }: Opener): boolean {
  return kind !== "determiner" || (before !== undefined && !english.CONJUNCTIONS.has(before.word));
}

/** Of what number a word is, where it is a noun. */
function numberOf(phrase: Phrase): NounNumber | undefined {
  const { head, opener } = phrase;
  if (opener?.kind === "determiner") return numberBehindDeterminer(phrase, opener);
  if (opener && english.looksPlural(head.base)) return "many";
  if (opener?.kind === "object" && isMass(phrase)) return "mass";
  return head.word === head.base ? numberBeforeVerb(phrase) : countOf(head);
}

function numberBehindDeterminer(phrase: Phrase, opener: Opener): NounNumber | undefined {
  const { word, modifiers } = opener;
  if (!(modifiers.length > 0 ? isModified(phrase, opener) : isDetermined(phrase, opener))) return undefined;
  if (english.ONE.has(word)) return "one";
  if (isOfMany(word) && isEnd(phrase)) return "many";
  const number = countOf(phrase.head);
  return number === "one" && english.SOME.has(word) ? "mass" : number;
}

/** Right behind its determiner, and not "that whirs", "the obscene remarks" or "a purple one". */
function isDetermined(phrase: Phrase, { word }: Opener): boolean {
  const { head, next } = phrase;
  const mayBeVerb = english.looksLikeVerb(head.base) || (english.looksPlural(head.base) && !isOfMany(word));
  if (english.ALSO_PRONOUNS.has(word) && mayBeVerb && !english.SOME.has(word)) return false;
  if (/^ones?$/.test(next?.word ?? "")) return false;
  return isEnd(phrase) || !english.mayDescribe(head.base);
}

/** Behind a determiner and words that are known, and not "the dog whimpers". */
function isModified(phrase: Phrase, opener: Opener): boolean {
  const { head, next } = phrase;
  const { modifiers } = opener;
  if (english.isAdverb(modifiers[0]!.word)) return false;
  if (modifiers.every(({ word }) => english.isDescriptive(word)))
    return isEnd(phrase) || !english.mayDescribe(head.base);
  if ([head, ...modifiers].some(({ base }) => english.looksPlural(base)) || english.mayDescribe(head.base))
    return false;
  return isObject(opener) || english.OF_ONE.has(next?.word ?? "");
}

function isOfMany(word: string): boolean {
  return english.MANY.has(word) || /^(?!1$)\p{Nd}/u.test(word);
}

/** Behind a preposition or a verb, and no adjective of another noun. */
function isMass(phrase: Phrase): boolean {
  const { head, next } = phrase;
  return isEnd(phrase) && !english.isSurelyDescriptive(head.base) && (!next || !english.looksLikeVerb(head.base));
}

/** In front of a verb that says of what number it is: avocados are. */
function numberBeforeVerb({ head, before, next }: Phrase): NounNumber | undefined {
  if (!next || (before && english.FUNCTION.has(before.word) && !english.CONJUNCTIONS.has(before.word)))
    return undefined;
  const isMany = english.looksPlural(head.base);
  if (isMany) return english.OF_MANY.has(next.word) ? "many" : undefined;
  return english.OF_ONE.has(next.word) && !english.mayDescribe(head.base) ? "mass" : undefined;
}

/** Tulips, pansies and daisies. */
function areCoordinated(
  text: string,
  tokens: readonly Token[],
  { left, right }: { left: number; right: number },
): boolean {
  return right - left <= 2 && /^(?:, |,? (?:and|or) )$/.test(text.slice(tokens[left]!.end, tokens[right]!.start));
}

function numberBeside(phrase: Phrase, number: NounNumber): NounNumber | undefined {
  const { base } = phrase.head;
  const isMany = english.looksPlural(base);
  if (isMany !== (number === "many") || english.isSurelyDescriptive(base) || english.looksLikeVerb(base))
    return undefined;
  return isMany || isEnd(phrase) ? number : undefined;
}

/** Whether no noun follows that an adjective may stand in front of. */
function isEnd({ head, next }: Phrase): boolean {
  if (head.word !== head.base) return false;
  if (!next) return true;
  const isJoined = /^(?:and|or|but)$/.test(next.word) && english.mayDescribe(head.base);
  return english.FUNCTION.has(next.word) && !isJoined;
}

function countOf({ base }: Token): "one" | "many" {
  return english.looksPlural(base) ? "many" : "one";
}

/** What the article asks for. */
function initialOf({ before }: Phrase): Pick<NounKind, "initial"> {
  if (before?.word === "an") return { initial: "vowel" };
  return before?.word === "a" ? { initial: "consonant" } : {};
}
