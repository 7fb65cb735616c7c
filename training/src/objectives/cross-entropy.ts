import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

export interface CrossEntropy {
  /** float32 scalar: Σ of the smoothed loss over target tokens. */
  readonly loss: Value;
  /** float32 scalar: Σ of −ln p(token) over target tokens, in nats. */
  readonly nll: Value;
}

/**
 * Cross-entropy of the next token with label smoothing (Szegedy et al. 2016): the target has probability 1 − ε, and ε is
 * spread evenly over the vocabulary.
 * @param logits [time, batch, V]
 * @param targets int64 [time, batch]
 * @param mask float32 [time, batch], 0 at padding
 */
export function crossEntropy(
  g: Graph,
  { logits, targets, mask, smoothing }: { logits: Value; targets: Value; mask: Value; smoothing: number },
): CrossEntropy {
  const normalizer = g.logSumExp(logits, [-1]); // [time, batch]
  const chosen = g.squeeze(g.gatherElements(logits, g.unsqueeze(targets, 2)), 2);
  const nll = g.sumAll(g.mul(g.sub(normalizer, chosen), mask));
  if (smoothing === 0) return { loss: nll, nll };
  const uniform = g.sumAll(g.mul(g.sub(normalizer, g.mean(logits, [-1])), mask));
  return { loss: g.add(g.mul(nll, 1 - smoothing), g.mul(uniform, smoothing)), nll };
}
