import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

const FORBIDDEN = -1e30;

export interface Limits {
  /** [R, V] */
  readonly logits: Value;
  /** int64 [N]; −1 is free choice. */
  readonly forced: Value;
  readonly position: Value;
  readonly minLength: Value;
  readonly beam: Value;
  readonly eos: number;
  readonly vocabulary: number;
}

/** Whether any sentence is held to something at this step, bool scalar. */
export function isConstrained(b: Graph, { forced, position, minLength }: Limits): Value {
  const either = b.or(b.greaterOrEqual(forced, 0), b.less(position, minLength));
  return b.greater(b.sumAll(b.cast(either, "int64")), 0);
}

/** Logits in which all but a forced token, and eos before the minimum length, are out of reach. */
export function constrain(b: Graph, limits: Limits): Value {
  const { logits, forced, position, minLength, eos, vocabulary } = limits;
  const ids = b.constant(
    Array.from({ length: vocabulary }, (_, id) => id),
    "int64",
    [1, vocabulary],
  );
  const token = toRows(b, forced, limits); // [R, 1]
  const held = b.greaterOrEqual(token, 0);
  const other = b.and(held, b.not(b.equal(ids, token)));
  const tooShort = b.and(b.not(held), toRows(b, b.less(position, minLength), limits));
  const early = b.and(tooShort, b.equal(ids, eos));
  return b.where(b.or(other, early), b.float(FORBIDDEN), logits);
}

/** One value a sentence [N] → one a row [R, 1]. */
function toRows(b: Graph, perSentence: Value, { beam }: Limits): Value {
  const sizes = b.sizes([b.sizeOf(perSentence, 0), beam]);
  return b.reshape(b.expand(b.unsqueeze(perSentence, 1), sizes, ["N", "B"]), ["R", 1]);
}
