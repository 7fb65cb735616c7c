import { checkPairs, VERSION } from "./metric.js";
import { countMatches, countNgrams, total } from "./ngrams.js";
import { splitWords } from "./words.js";

const CHARACTER_ORDER = 6;
const BETA = 2;

export interface ChrfScore {
  /** 0 to 100. */
  readonly score: number;
  /** How the score was made, in the notation of sacreBLEU. */
  readonly signature: string;
}

/**
 * chrF2 (Popović 2015) of a corpus: the F-score, recall weighted twice, of character n-grams up to 6; with a word order of
 * 2 it is chrF++ (Popović 2017). Cased, white space left out, one reference each: sacreBLEU's number.
 * @throws RangeError when there are not as many references as hypotheses, or none
 */
export function corpusChrf(options: {
  readonly hypotheses: readonly string[];
  readonly references: readonly string[];
  readonly wordOrder?: number;
}): ChrfScore {
  const { hypotheses, references, wordOrder = 0 } = options;
  checkPairs(hypotheses, references);
  const orders = Array.from({ length: CHARACTER_ORDER + wordOrder }, () => ({
    hypothesis: 0,
    reference: 0,
    matches: 0,
  }));
  hypotheses.forEach((hypothesis, k) => {
    const [ours, theirs] = [ngramsOf(hypothesis, wordOrder), ngramsOf(references[k]!, wordOrder)];
    orders.forEach((order, n) => {
      // a hypothesis is not blamed for n-grams that are longer than its reference
      if (theirs[n]!.size > 0) order.hypothesis += total(ours[n]!);
      order.reference += total(theirs[n]!);
      order.matches += countMatches(ours[n]!, theirs[n]!);
    });
  });
  return {
    score: 100 * fScore(orders),
    signature: `nrefs:1|case:mixed|eff:yes|nc:${CHARACTER_ORDER}|nw:${wordOrder}|space:no|version:${VERSION}`,
  };
}

/** chrF2 of one sentence, 0 to 100. */
export function sentenceChrf({ hypothesis, reference }: { hypothesis: string; reference: string }): number {
  return corpusChrf({ hypotheses: [hypothesis], references: [reference] }).score;
}

/** Counts of character n-grams of every order, then of word n-grams of every order. */
function ngramsOf(text: string, wordOrder: number): Map<string, number>[] {
  const words = splitWords(text);
  const characters = [...words.join("")];
  const orders = (most: number) => Array.from({ length: most }, (_, k) => k + 1);
  return [
    ...orders(CHARACTER_ORDER).map((n) => countNgrams(characters, n)),
    ...(wordOrder > 0 ? orders(wordOrder).map((n) => countNgrams(words.flatMap(splitPunctuation), n)) : []),
  ];
}

const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

/** One punctuation mark comes off the end of a word, or else off its beginning. */
function splitPunctuation(word: string): string[] {
  const characters = [...word];
  if (characters.length === 1) return [word];
  const [first, last] = [characters[0]!, characters.at(-1)!];
  if (PUNCTUATION.test(last)) return [word.slice(0, -1), last];
  if (PUNCTUATION.test(first)) return [first, word.slice(1)];
  return [word];
}

/** F-score of the mean precision and the mean recall, over the orders that occur on both sides. */
function fScore(orders: readonly { hypothesis: number; reference: number; matches: number }[]): number {
  const effective = orders.filter((order) => order.hypothesis > 0 && order.reference > 0);
  if (effective.length === 0) return 0;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const precision = mean(effective.map((order) => order.matches / order.hypothesis));
  const recall = mean(effective.map((order) => order.matches / order.reference));
  if (precision + recall === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (BETA ** 2 * precision + recall);
}
