import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** What each sentence wants, [N, n] → the same for each of its rows, [R, n]. */
export function toRows(b: Graph, perSentence: Value, { beam }: { beam: Value }): Value {
  const rows = b.mul(b.sizeOf(perSentence, 0), beam);
  return b.gather(perSentence, b.div(b.range(rows, "R"), beam));
}
