import type { TrainingOptions } from "../recipe/index.js";
import { TrainingError } from "./training-error.js";

/** What validations are ranked by; higher is better. The loss stands for the perplexity: it stays finite. */
export function scoreOf(
  v: { loss: number; accuracy: number; bleu?: number },
  metric: TrainingOptions["metric"],
): number {
  if (metric === "perplexity") return -v.loss;
  if (metric === "accuracy") return v.accuracy;
  if (v.bleu === undefined) throw new TrainingError("training.metric is bleu, but nothing here translates");
  return v.bleu;
}
