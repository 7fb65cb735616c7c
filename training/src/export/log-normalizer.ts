import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/**
 * ln Σ eˣ of each row, [R, W] → [R, 1], as max x − ln max p: the likeliest token has p = softmax(x), never below 1/W. By
 * Softmax and two maxima, because the runtime's ReduceLogSumExp is a plain loop.
 */
export function logNormalizer(g: Graph, logits: Value): Value {
  return g.sub(g.max(logits, [-1], 1), g.log(g.max(g.softmax(logits), [-1], 1)));
}

/**
 * The same, bit for bit, where the largest logits of each row are known already, best first: value [R, k], choice [R, k]. It
 * spares the two maxima.
 */
export function logNormalizerAt(g: Graph, logits: Value, { value, choice }: { value: Value; choice: Value }): Value {
  const first = (x: Value) => g.slice(x, 1, 0, 1, 1); // [R, 1]
  return g.sub(first(value), g.log(g.gatherElements(g.softmax(logits), first(choice))));
}
