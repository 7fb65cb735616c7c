import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/**
 * ln Σ eˣ of each row, [R, W] → [R, 1], as max x − ln max p: the likeliest token has p = softmax(x), never below 1/W. By
 * Softmax and two maxima, because the runtime's ReduceLogSumExp is a plain loop.
 */
export function logNormalizer(g: Graph, logits: Value): Value {
  return g.sub(g.max(logits, [-1], 1), g.log(g.max(g.softmax(logits), [-1], 1)));
}
