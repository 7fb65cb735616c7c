import type { Manifest } from "@carousel/bundle";
import { Random } from "../random.js";
import type { InferenceGraphs } from "./graphs.js";
import { InferenceModel } from "./greedy.js";

const SENTENCES = 8;
const LENGTH = 12;
/** Tokens of an output that is cut off. */
const MOST_SAID = 64;

/**
 * The largest difference, in nats a token, between what two pairs of graphs say of random sentences. Where a decoder reads what
 * the encoder wrote, other texts than its own have no probability to compare: the targets are then the old graphs' own.
 */
export async function compareGraphs(
  { task, architecture, vocabulary, special }: Manifest,
  graphs: { old: InferenceGraphs; fresh: InferenceGraphs },
): Promise<number> {
  const random = new Random(1);
  const drawn = (size: number) =>
    Array.from({ length: SENTENCES }, () => [
      ...Array.from({ length: 1 + random.below(LENGTH) }, () => special.eos + 1 + random.below(size - special.eos - 1)),
      special.eos,
    ]);
  const [old, fresh] = await Promise.all(
    [graphs.old, graphs.fresh].map((g) => InferenceModel.create(g, { optimization: "extended" })),
  );
  const sources = task === "translation" ? drawn("source" in vocabulary ? vocabulary.source : 0) : [];
  const said = () => old!.greedy(sources, { special, maxLength: MOST_SAID });
  const targets =
    architecture.kind === "ctc" ? (await said()).map((tokens) => [...tokens, special.eos]) : drawn(vocabulary.target);
  const [before, after] = await Promise.all([old!, fresh!].map((m) => m.score(sources, targets, special.bos)));
  await Promise.all([old!.release(), fresh!.release()]);
  return Math.max(...targets.map((t, k) => Math.abs(after![k]! - before![k]!) / t.length));
}
