import type { Manifest } from "@carousel/bundle";
import { Random } from "../random.js";
import type { InferenceGraphs } from "./graphs.js";
import { InferenceModel } from "./greedy.js";

const SENTENCES = 8;
const LENGTH = 12;

/** The largest difference, in nats a token, between what two pairs of graphs say of random sentences. */
export async function compareGraphs(
  { task, vocabulary, special }: Manifest,
  { old, fresh }: { old: InferenceGraphs; fresh: InferenceGraphs },
): Promise<number> {
  const random = new Random(1);
  const drawn = (size: number) =>
    Array.from({ length: SENTENCES }, () => [
      ...Array.from({ length: 1 + random.below(LENGTH) }, () => special.eos + 1 + random.below(size - special.eos - 1)),
      special.eos,
    ]);
  const sources = task === "translation" ? drawn("source" in vocabulary ? vocabulary.source : 0) : [];
  const targets = drawn(vocabulary.target);
  const [before, after] = await Promise.all(
    [old, fresh].map(async (graphs) => {
      const model = await InferenceModel.create(graphs, { optimization: "extended" });
      const scores = await model.score(sources, targets, special.bos);
      await model.release();
      return scores;
    }),
  );
  return Math.max(...targets.map((t, k) => Math.abs(after![k]! - before![k]!) / t.length));
}
