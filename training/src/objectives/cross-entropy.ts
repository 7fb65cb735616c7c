import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** A probability that vanishes in float32 counts as this one: 83 nats. */
const TINY = 1e-36;

export interface CrossEntropy {
  /** float32 scalar: Σ of the smoothed loss over target tokens. */
  readonly loss: Value;
  /** float32 scalar: Σ of −ln p(token) over target tokens, in nats. */
  readonly nll: Value;
  /** ∂(scale · loss)/∂logits [time, batch, V] for a float32 scalar. */
  gradient(scale: Value): Value;
}

/**
 * Cross-entropy of the next token with label smoothing (Szegedy et al. 2016): the target has probability 1 − ε, and ε is
 * spread evenly over the vocabulary. Its gradient is written down here, softmax − target: rule by rule it would pass six
 * more times over the largest tensor there is.
 * @param logits [time, batch, V]
 * @param targets int64 [time, batch]
 * @param mask float32 [time, batch], 0 at padding
 */
export function crossEntropy(
  g: Graph,
  { logits, targets, mask, smoothing }: { logits: Value; targets: Value; mask: Value; smoothing: number },
): CrossEntropy {
  const vocabulary = logits.shape[2] as number;
  const index = g.unsqueeze(targets, 2);
  const p = g.softmax(logits);
  const chosen = (x: Value) => g.squeeze(g.gatherElements(x, index), 2); // [time, batch]
  const surprise = g.neg(g.log(g.add(chosen(p), TINY)));
  const nll = g.sumAll(g.mul(surprise, mask));
  const gradient = (scale: Value): Value => {
    const weight = g.unsqueeze(g.mul(mask, scale), 2);
    const even = smoothing === 0 ? p : g.sub(p, smoothing / vocabulary);
    return g.scatterElements(g.mul(even, weight), index, g.mul(weight, smoothing - 1), "add");
  };
  if (smoothing === 0) return { loss: nll, nll, gradient };
  const normalizer = g.add(chosen(logits), surprise); // ln Σ eˣ
  const uniform = g.sumAll(g.mul(g.sub(normalizer, g.mean(logits, [-1])), mask));
  return { loss: g.add(g.mul(nll, 1 - smoothing), g.mul(uniform, smoothing)), nll, gradient };
}
