import { type BleuTokenizer, tokensOf } from "./tokenize.js";

const MAX_ORDER = 4;
/** The version of sacreBLEU whose numbers these are; part of the signature. */
const SACREBLEU = "2.6.0";

export interface BleuOptions {
  readonly hypotheses: readonly string[];
  /** One reference a hypothesis. */
  readonly references: readonly string[];
  readonly tokenizer?: BleuTokenizer;
}

export interface Bleu {
  /** 0 to 100. */
  readonly score: number;
  /** Of 1-grams to 4-grams, 0 to 100. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  /** Tokens. */
  readonly hypothesisLength: number;
  readonly referenceLength: number;
  readonly signature: string;
}

/**
 * Corpus BLEU (Papineni et al. 2002), cased, with exponential smoothing of orders that have no match: the numbers of
 * sacreBLEU (Post 2018).
 * @throws RangeError when there are not as many references as hypotheses, or none
 */
export function corpusBleu({ hypotheses, references, tokenizer = "13a" }: BleuOptions): Bleu {
  if (hypotheses.length !== references.length || hypotheses.length === 0) {
    throw new RangeError(
      `BLEU compares line by line: ${hypotheses.length} hypotheses, ${references.length} references`,
    );
  }
  const matches = new Array<number>(MAX_ORDER).fill(0);
  const totals = new Array<number>(MAX_ORDER).fill(0);
  let [hypothesisLength, referenceLength] = [0, 0];
  hypotheses.forEach((line, k) => {
    const hypothesis = tokensOf(line, tokenizer);
    const reference = tokensOf(references[k]!, tokenizer);
    hypothesisLength += hypothesis.length;
    referenceLength += reference.length;
    for (let order = 1; order <= MAX_ORDER; order++) {
      matches[order - 1]! += overlap(nGrams(hypothesis, order), nGrams(reference, order));
      totals[order - 1]! += Math.max(0, hypothesis.length - order + 1);
    }
  });
  const precisions = smoothed(matches, totals);
  const brevityPenalty = brevity(hypothesisLength, referenceLength);
  const score = matches.every((m) => m === 0) ? 0 : brevityPenalty * geometricMean(precisions, totals);
  return {
    score,
    precisions,
    brevityPenalty,
    hypothesisLength,
    referenceLength,
    signature: `nrefs:1|case:mixed|eff:no|tok:${tokenizer}|smooth:exp|version:${SACREBLEU}`,
  };
}

function nGrams(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + order <= tokens.length; at++) {
    const gram = tokens.slice(at, at + order).join(" ");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [gram, count] of a) sum += Math.min(count, b.get(gram) ?? 0);
  return sum;
}

/** Precisions in percent; the k-th order without a match counts as 1/2ᵏ of one (Lin & Och 2004). */
function smoothed(matches: readonly number[], totals: readonly number[]): number[] {
  let halving = 1;
  return matches.map((match, k) => {
    if (totals[k] === 0) return 0;
    if (match > 0) return (100 * match) / totals[k]!;
    halving *= 2;
    return 100 / (halving * totals[k]!);
  });
}

/** Orders longer than any hypothesis make the score zero. */
function geometricMean(precisions: readonly number[], totals: readonly number[]): number {
  if (totals.some((total) => total === 0)) return 0;
  return Math.exp(precisions.reduce((sum, p) => sum + Math.log(p), 0) / MAX_ORDER);
}

function brevity(hypothesisLength: number, referenceLength: number): number {
  if (hypothesisLength === 0) return 0;
  return hypothesisLength < referenceLength ? Math.exp(1 - referenceLength / hypothesisLength) : 1;
}
