import { checkPairs } from "./metric.js";
import { splitWords } from "./words.js";

export interface ErrorRate {
  /** Percent; above 100 when there are more errors than tokens in the references. */
  readonly score: number;
  readonly errors: number;
  /** Out of how many. */
  readonly total: number;
}

/**
 * Share of the lines that are not the reference, token for token: the word error rate of grapheme-to-phoneme conversion, where
 * a line is a word (SIGMORPHON 2020, 2021).
 * @throws RangeError when there are not as many references as hypotheses, or none
 */
export function sequenceErrorRate(options: {
  readonly hypotheses: readonly string[];
  readonly references: readonly string[];
}): ErrorRate {
  const { hypotheses, references } = options;
  checkPairs(hypotheses, references);
  const errors = hypotheses.filter((h, k) => splitWords(h).join(" ") !== splitWords(references[k]!).join(" ")).length;
  return rate(errors, hypotheses.length);
}

/**
 * Tokens put in, left out and replaced (Levenshtein 1966) by tokens of the references; tokens are what stands between spaces.
 * Of phonemes it is the phoneme error rate, of words the word error rate of speech recognition.
 * @throws RangeError when there are not as many references as hypotheses, or none, or no token in the references
 */
export function tokenErrorRate(options: {
  readonly hypotheses: readonly string[];
  readonly references: readonly string[];
}): ErrorRate {
  const { hypotheses, references } = options;
  checkPairs(hypotheses, references);
  let [errors, total] = [0, 0];
  hypotheses.forEach((hypothesis, k) => {
    const reference = splitWords(references[k]!);
    errors += editDistance(splitWords(hypothesis), reference);
    total += reference.length;
  });
  if (total === 0) throw new RangeError("a token error rate needs at least one token in the references");
  return rate(errors, total);
}

/** Fewest insertions, deletions and substitutions that make one sequence of the other. */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, k) => k);
  a.forEach((token, i) => {
    const next = [i + 1];
    b.forEach((other, k) => {
      const replaced = row[k]! + (token === other ? 0 : 1);
      next.push(Math.min(replaced, row[k + 1]! + 1, next[k]! + 1));
    });
    row = next;
  });
  return row.at(-1)!;
}

function rate(errors: number, total: number): ErrorRate {
  return { score: (100 * errors) / total, errors, total };
}
