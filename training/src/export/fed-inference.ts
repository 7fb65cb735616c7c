import { SPECIAL } from "../data/special.js";
import type { Feeds } from "../onnx/runtime.js";
import { byKind, type Recipe } from "../recipe/index.js";
import { seq2seqConfig, type VocabularySizes } from "../trainer/from-recipe.js";
import { seq2seqGraphs } from "./graphs.js";
import { InferenceModel } from "./greedy.js";
import { SUPPRESSED } from "./suppressed.js";

/**
 * A translation model in training, ready to run: every run reads the weights as they are then.
 * @throws Error for a model that has no decoder to sample from
 */
export async function fedInference(options: {
  recipe: Recipe;
  vocabulary: VocabularySizes;
  /** Views of the trainer's memory, by name. */
  weights: Feeds;
  threads: number | undefined;
}): Promise<InferenceModel> {
  const { recipe, vocabulary, weights, threads } = options;
  if (recipe.task !== "translation") throw new Error(`a ${recipe.task} model has no sequences to sample for a source`);
  const graphs = byKind(recipe, {
    attention: (r) => seq2seqGraphs(seq2seqConfig(r, vocabulary), { suppressed: SUPPRESSED.decoder, special: SPECIAL }),
    ctc: () => {
      throw new Error("a model of kind ctc has no decoder to sample from");
    },
  });
  return InferenceModel.create(graphs, { weights, ...(threads === undefined ? {} : { threads }) });
}
