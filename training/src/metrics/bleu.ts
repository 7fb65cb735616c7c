import { type BleuTokenizer, bleuTokens } from "./bleu-tokenizers.js";
import { checkPairs, VERSION } from "./metric.js";
import { countMatches, countNgrams } from "./ngrams.js";
import { trimEnd } from "./words.js";

export { BLEU_TOKENIZERS, type BleuTokenizer, bleuTokenizerOf } from "./bleu-tokenizers.js";

const MAX_ORDER = 4;

export interface BleuScore {
  /** 0 to 100. */
  readonly score: number;
  /** Precision of n-grams of order 1 to 4, smoothed, 0 to 100. */
  readonly precisions: readonly number[];
  /** 1 unless the hypotheses are shorter than the references. */
  readonly brevityPenalty: number;
  /** In tokens. */
  readonly hypothesisLength: number;
  /** In tokens. */
  readonly referenceLength: number;
  /** How the score was made, in the notation of sacreBLEU. */
  readonly signature: string;
}

/**
 * BLEU (Papineni et al. 2002) of a corpus, cased, one reference each, with exponential smoothing: sacreBLEU's number.
 * @throws RangeError when there are not as many references as hypotheses, or none
 */
export function corpusBleu(options: {
  readonly hypotheses: readonly string[];
  readonly references: readonly string[];
  readonly tokenizer?: BleuTokenizer;
}): BleuScore {
  const { hypotheses, references, tokenizer = "13a" } = options;
  checkPairs(hypotheses, references);
  const statistics = new Statistics();
  hypotheses.forEach((hypothesis, k) => {
    statistics.add(bleuTokens(trimEnd(hypothesis), tokenizer), bleuTokens(trimEnd(references[k]!), tokenizer));
  });
  return { ...score(statistics, "all"), signature: signature(tokenizer, "no") };
}

/**
 * What stands in for matches that a short text does not have. exponential: each order without a match counts half as
 * much as the one before (NIST; method 3 of Chen & Cherry 2014). add-one: one more match and one more n-gram for every
 * order above the first (BLEU+1, Lin & Och 2004).
 */
export type BleuSmoothing = "exponential" | "add-one";

/**
 * BLEU of one sentence: sacreBLEU's sentence_bleu. With exponential smoothing, over the orders that the hypothesis is long
 * enough to have (effective order); add-one gives every order an n-gram.
 */
export function sentenceBleu(options: {
  readonly hypothesis: string;
  readonly reference: string;
  readonly tokenizer?: BleuTokenizer;
  readonly smoothing?: BleuSmoothing;
}): BleuScore {
  const { hypothesis, reference, tokenizer = "13a", smoothing = "exponential" } = options;
  const statistics = new Statistics();
  statistics.add(bleuTokens(trimEnd(hypothesis), tokenizer), bleuTokens(trimEnd(reference), tokenizer));
  const found = smoothing === "add-one" ? score(statistics, "all", plusOne) : score(statistics, "effective");
  return { ...found, signature: signature(tokenizer, "yes", smoothing) };
}

/** What adds up over sentences: n-grams that match, all n-grams of the hypotheses, lengths. */
class Statistics {
  readonly matches: number[] = new Array<number>(MAX_ORDER).fill(0);
  readonly totals: number[] = new Array<number>(MAX_ORDER).fill(0);
  hypothesisLength = 0;
  referenceLength = 0;

  add(hypothesis: readonly string[], reference: readonly string[]): void {
    this.hypothesisLength += hypothesis.length;
    this.referenceLength += reference.length;
    for (let n = 1; n <= MAX_ORDER; n++) {
      this.totals[n - 1]! += Math.max(0, hypothesis.length - n + 1);
      this.matches[n - 1]! += countMatches(countNgrams(hypothesis, n), countNgrams(reference, n));
    }
  }
}

function score(
  statistics: Statistics,
  orders: "all" | "effective",
  smoothed: (statistics: Statistics) => number[] = halving,
): Omit<BleuScore, "signature"> {
  const { matches, hypothesisLength, referenceLength } = statistics;
  const lengths = { brevityPenalty: brevityPenalty(statistics), hypothesisLength, referenceLength };
  const precisions = smoothed(statistics);
  if (matches.every((count) => count === 0)) return { score: 0, precisions: precisions.map(() => 0), ...lengths };
  const order = orders === "all" ? MAX_ORDER : Math.min(MAX_ORDER, hypothesisLength);
  const logs = precisions.slice(0, order).reduce((sum, precision) => sum + Math.log(precision), 0);
  return { score: lengths.brevityPenalty * Math.exp(logs / order), precisions, ...lengths };
}

/** Precisions in percent: one more match and one more n-gram above the first order. */
function plusOne({ matches, totals }: Statistics): number[] {
  return totals.map((total, k) => {
    const more = k === 0 ? 0 : 1;
    return total + more === 0 ? 0 : (100 * (matches[k]! + more)) / (total + more);
  });
}

/** Precisions in percent: each order without a match counts half as much as the one before. */
function halving({ matches, totals }: Statistics): number[] {
  let smoothing = 1;
  return totals.map((total, k) => {
    if (total === 0) return 0;
    if (matches[k]! > 0) return (100 * matches[k]!) / total;
    smoothing *= 2;
    return 100 / (smoothing * total);
  });
}

function brevityPenalty({ hypothesisLength, referenceLength }: Statistics): number {
  if (hypothesisLength >= referenceLength) return 1;
  return hypothesisLength > 0 ? Math.exp(1 - referenceLength / hypothesisLength) : 0;
}

function signature(
  tokenizer: BleuTokenizer,
  effectiveOrder: "yes" | "no",
  smoothing: BleuSmoothing = "exponential",
): string {
  const smooth = smoothing === "add-one" ? "add-k[1.00]" : "exp";
  return `nrefs:1|case:mixed|eff:${effectiveOrder}|tok:${tokenizer}|smooth:${smooth}|version:${VERSION}`;
}
