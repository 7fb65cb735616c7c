import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** The tokens of a row, int64 [R, n], −1 being none → bool [R, V]. With `which`, bool [R, n], only those. */
export function marked(b: Graph, tokens: Value, { logits, which }: { logits: Value; which?: Value }): Value {
  const given = b.greaterOrEqual(tokens, 0);
  const chosen = b.cast(which ? b.and(given, which) : given, "float32");
  const places = b.where(given, tokens, b.int(0));
  return b.greater(b.scatterElements(b.zerosLike(logits), places, chosen, "add"), 0);
}

/** What each sentence wants, [N, n] → the same for each of its rows, [R, n]. */
export function toRows(b: Graph, perSentence: Value, { beam }: { beam: Value }): Value {
  const rows = b.mul(b.sizeOf(perSentence, 0), beam);
  return b.gather(perSentence, b.div(b.range(rows, "R"), beam));
}
