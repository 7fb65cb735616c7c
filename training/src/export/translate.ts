import { SPECIAL } from "../data/special.js";
import type { TrainedModel } from "../trainer/extensions.js";
import { byLength } from "./by-length.js";
import { InferenceModel } from "./greedy.js";
import { inferenceOf } from "./inference-of.js";

const LONGEST = 128;

/** Greedy translations of sentences by a model in training, in order. */
export async function translateGreedily(model: TrainedModel, sentences: readonly string[]): Promise<string[]> {
  const { recipe, corpus } = model;
  if (recipe.task !== "translation") throw new Error(`a ${recipe.task} model does not translate`);
  const { source, target } = corpus.tokenizers;
  const { graphs } = inferenceOf(model, { precision: "fp32" });
  const { threads } = recipe.training;
  const inference = await InferenceModel.create(graphs, threads === undefined ? {} : { threads });
  const encoded = sentences.map((text, index) => ({ index, ids: [...source!.encode(text), SPECIAL.eos] }));
  const results: string[] = [];
  for (const batch of byLength(encoded)) {
    const maxLength = Math.min(LONGEST, 2 * batch.at(-1)!.ids.length + 10);
    const ids = await inference.greedy(
      batch.map((e) => e.ids),
      { special: SPECIAL, maxLength },
    );
    batch.forEach((e, k) => {
      results[e.index] = target.decode(ids[k]!);
    });
  }
  await inference.release();
  return results;
}
