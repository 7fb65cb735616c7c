import { editDistance } from "@carousel/bundle/schema/edit-distance";
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
 * Tokens put in, left out and replaced by tokens of the references; tokens are what stands between spaces.
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

function rate(errors: number, total: number): ErrorRate {
  return { score: (100 * errors) / total, errors, total };
}
