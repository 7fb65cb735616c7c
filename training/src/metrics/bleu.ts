import { type BleuTokenizer, bleuTokens } from "./bleu-tokenizers.js";
import { checkPairs, VERSION } from "./metric.js";
import { countMatches, countNgrams } from "./ngrams.js";
import { trimEnd } from "./words.js";

export { type BleuTokenizer, bleuTokenizerOf } from "./bleu-tokenizers.js";

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

/** BLEU of one sentence, over the orders that the hypothesis is long enough to have (sacreBLEU's effective order). */
export function sentenceBleu(options: {
  readonly hypothesis: string;
  readonly reference: string;
  readonly tokenizer?: BleuTokenizer;
}): BleuScore {
  const { hypothesis, reference, tokenizer = "13a" } = options;
  const statistics = new Statistics();
  statistics.add(bleuTokens(trimEnd(hypothesis), tokenizer), bleuTokens(trimEnd(reference), tokenizer));
  return { ...score(statistics, "effective"), signature: signature(tokenizer, "yes") };
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

function score(statistics: Statistics, orders: "all" | "effective"): Omit<BleuScore, "signature"> {
  const { matches, hypothesisLength, referenceLength } = statistics;
  const lengths = { brevityPenalty: brevityPenalty(statistics), hypothesisLength, referenceLength };
  const precisions = smoothedPrecisions(statistics);
  if (matches.every((count) => count === 0)) return { score: 0, precisions: precisions.map(() => 0), ...lengths };
  const order = orders === "all" ? MAX_ORDER : Math.min(MAX_ORDER, hypothesisLength);
  const logs = precisions.slice(0, order).reduce((sum, precision) => sum + Math.log(precision), 0);
  return { score: lengths.brevityPenalty * Math.exp(logs / order), precisions, ...lengths };
}

/** Each order without a match counts half as much as the one before (NIST; method 3 of Chen & Cherry 2014). */
function smoothedPrecisions({ matches, totals }: Statistics): number[] {
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

function signature(tokenizer: BleuTokenizer, effectiveOrder: "yes" | "no"): string {
  return `nrefs:1|case:mixed|eff:${effectiveOrder}|tok:${tokenizer}|smooth:exp|version:${VERSION}`;
}
