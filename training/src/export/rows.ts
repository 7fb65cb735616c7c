import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

export interface Markable {
  /** [R, W] */
  readonly logits: Value;
  /** Where rows may be given candidates, the tokens that the logits are of: int64 [R, W]. */
  readonly tokensOfLogits?: Value | undefined;
  /** V */
  readonly vocabulary: number;
  /** bool [R, n]: of the tokens only those. */
  readonly which?: Value;
}

/** The tokens of a row, int64 [R, n], −1 being none → whether a logit is of one of them, bool [R, W]. */
export function marked(b: Graph, tokens: Value, { logits, tokensOfLogits, vocabulary, which }: Markable): Value {
  const given = b.greaterOrEqual(tokens, 0);
  const chosen = b.cast(which ? b.and(given, which) : given, "float32");
  const places = b.where(given, tokens, b.int(0));
  const zeros = tokensOfLogits ? b.zeros([b.sizeOf(tokens, 0), vocabulary], ["R", vocabulary]) : b.zerosLike(logits);
  const marks = b.greater(b.scatterElements(zeros, places, chosen, "add"), 0);
  return tokensOfLogits ? b.gatherElements(marks, tokensOfLogits) : marks;
}

/** What each sentence wants, [N, n] → the same for each of its rows, [R, n]. */
export function toRows(b: Graph, perSentence: Value, { beam }: { beam: Value }): Value {
  const rows = b.mul(b.sizeOf(perSentence, 0), beam);
  return b.gather(perSentence, b.div(b.range(rows, "R"), beam));
}
