import type { Tokenizer } from "../data/tokenizers.js";
import { type BleuTokenizer, sentenceBleu } from "../metrics/bleu.js";
import { sentenceChrf } from "../metrics/chrf.js";

/** How good a sequence is beside its reference, 0 to 1; both are ids without eos. */
export type Reward = (hypothesis: readonly number[], reference: readonly number[]) => number;

export type RewardMetric = "bleu" | "chrf";

/**
 * A sentence metric of the texts that tokens stand for: BLEU with add-one smoothing (Lin & Och 2004), so that a sentence
 * without a match of four words still has a slope, or chrF (Popović 2015).
 */
export function rewardOf(
  metric: RewardMetric,
  { tokenizer, bleuTokenizer }: { tokenizer: Pick<Tokenizer, "decode">; bleuTokenizer: BleuTokenizer },
): Reward {
  const scores: Record<RewardMetric, (hypothesis: string, reference: string) => number> = {
    bleu: (hypothesis, reference) =>
      sentenceBleu({ hypothesis, reference, tokenizer: bleuTokenizer, smoothing: "add-one" }).score,
    chrf: (hypothesis, reference) => sentenceChrf({ hypothesis, reference }),
  };
  const score = scores[metric];
  return (hypothesis, reference) => score(tokenizer.decode([...hypothesis]), tokenizer.decode([...reference])) / 100;
}
