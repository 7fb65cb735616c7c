import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** Beyond all logits: to be less than it bounds nothing. */
export const NO_BOUND = 1e38;

export interface Places {
  /** Tokens of rows, int64 [R, n] → where their logits stand, [R, n]; −1 stays −1, and so is a token that a row has no logit of. */
  readonly placesOf: (b: Graph, tokens: Value) => Value;
}

/** Tokens of rows, int64 [R, n] → whether their logits are there, bool [R, n], and an index that is safe where they are not. */
export function standing(b: Graph, tokens: Value, { placesOf }: Places): { there: Value; index: Value } {
  const places = placesOf(b, tokens);
  const there = b.greaterOrEqual(places, 0);
  return { there, index: b.where(there, places, b.int(0)) };
}
