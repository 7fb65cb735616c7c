import { type BleuTokenizer, sentenceBleu } from "../metrics/bleu.js";

/** Of the hypotheses of a line, best first, the one that is written. */
export type Choice = (hypotheses: readonly string[], reference: string) => string;

/** What the model holds likeliest: sequence-level distillation (Kim & Rush 2016, §3.2). */
export const best: Choice = ([first = ""]) => first;

/**
 * What is most like the reference by BLEU+1; of equals the one the model likes best. Sequence-level interpolation (Kim &
 * Rush 2016, §3.3).
 */
export function closest(tokenizer: BleuTokenizer): Choice {
  return (hypotheses, reference) => {
    let chosen = { text: "", score: -1 };
    for (const hypothesis of hypotheses) {
      const { score } = sentenceBleu({ hypothesis, reference, tokenizer, smoothing: "add-one" });
      if (score > chosen.score) chosen = { text: hypothesis, score };
    }
    return chosen.text;
  };
}
