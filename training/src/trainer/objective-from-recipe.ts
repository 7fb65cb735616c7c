import type { BatchSizes } from "../data/batch.js";
import { fedInference } from "../export/fed-inference.js";
import { bleuTokenizerOf } from "../metrics/bleu.js";
import { PolicyGradient, sampleLength } from "../objectives/policy-gradient.js";
import { rewardOf } from "../objectives/reward.js";
import { ScheduledSampling } from "../objectives/scheduled-sampling.js";
import type { Recipe, TrainingOptions } from "../recipe/index.js";
import type { Corpus } from "./corpus.js";
import type { ObjectiveModel } from "./learner.js";
import type { Objective } from "./objective.js";

/** What a recipe wants its steps to minimize; undefined when it is the loss of the data as they are. */
export async function objectiveOf(
  { recipe, corpus }: { recipe: Recipe; corpus: Pick<Corpus, "tokenizers" | "vocabulary"> },
  { weights, parameters, evaluator }: ObjectiveModel,
): Promise<Objective | undefined> {
  const { objective, scheduledSampling, seed, threads } = recipe.training;
  if (scheduledSampling) {
    const predict = (batch: Parameters<typeof evaluator.predict>[1]) => evaluator.predict(parameters, batch);
    return new ScheduledSampling({ decay: scheduledSampling, seed, predict });
  }
  if (objective.kind === "cross-entropy" || recipe.task !== "translation") return undefined;
  const bleuTokenizer = bleuTokenizerOf(recipe.data.target.language);
  const { metric, kind: _, ...rest } = objective;
  return new PolicyGradient({
    ...rest,
    weighting: objective,
    seed,
    reward: rewardOf(metric, { tokenizer: corpus.tokenizers.target, bleuTokenizer }),
    model: await fedInference({ recipe, vocabulary: corpus.vocabulary, weights, threads }),
  });
}

/** The largest batch that a step runs for a batch of the data of these sizes. */
export function stepSizes({ objective }: TrainingOptions, sizes: BatchSizes): BatchSizes {
  if (objective.kind === "cross-entropy") return sizes;
  const { samples, crossEntropyWeight } = objective;
  return { S: sizes.S, T: sampleLength(sizes.T), B: sizes.B * (samples + (crossEntropyWeight > 0 ? 1 : 0)) };
}
