import type { ParallelText } from "../data/parallel.js";
import { SPECIAL } from "../data/special.js";
import type { TrainedModel } from "../trainer/extensions.js";
import { byLength } from "./by-length.js";
import { InferenceModel } from "./greedy.js";
import { inferenceOf } from "./inference-of.js";
import { LONGEST } from "./longest.js";

/**
 * Greedy translations of source sentences by a model in training, in order. One is cut where it has twice the tokens of the
 * source and of the reference.
 */
export async function translateGreedily(model: TrainedModel, text: ParallelText): Promise<string[]> {
  const { recipe, corpus } = model;
  if (recipe.task !== "translation") throw new Error(`a ${recipe.task} model does not translate`);
  const { source, target } = corpus.tokenizers;
  const { graphs } = inferenceOf(model, { precision: "fp32" });
  const { threads } = recipe.training;
  const inference = await InferenceModel.create(graphs, threads === undefined ? {} : { threads });
  const encoded = text.source.map((sentence, index) => ({
    index,
    ids: [...source!.encode(sentence), SPECIAL.eos],
    expected: target.encode(text.target[index]!).length + 1,
  }));
  const results: string[] = [];
  for (const batch of byLength(encoded)) {
    const longest = Math.max(...batch.map(({ ids, expected }) => Math.max(ids.length, expected)));
    const maxLength = Math.min(LONGEST.target, 2 * longest + 10);
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
