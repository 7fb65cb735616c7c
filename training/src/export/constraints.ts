import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { type Past, penalized, repeatsNgram } from "./repetition.js";
import { type Markable, marked, toRows } from "./rows.js";

const FORBIDDEN = -1e30;

export interface Limits extends Omit<Markable, "which"> {
  /** [R, 1]: what a logit less it is a log-probability. */
  readonly normalizer: Value;
  /** int64 [N]; −1 is free choice. */
  readonly forced: Value;
  readonly position: Value;
  readonly minLength: Value;
  /** int64 [N, M]: never chosen, −1 being none; absent where a graph knows no such wish. */
  readonly suppressed?: Value;
  /** Absent where a graph knows no guard against repetition. */
  readonly past?: Past;
  readonly beam: Value;
  readonly eos: number;
}

/** Whether any sentence is held to something at this step, bool scalar. */
export function isConstrained(
  b: Graph,
  {
    forced,
    position,
    minLength,
    suppressed,
    past,
  }: Pick<Limits, "forced" | "position" | "minLength" | "suppressed" | "past">,
): Value {
  const either = b.or(b.greaterOrEqual(forced, 0), b.less(position, minLength));
  const width = (wishes: Value | undefined) => (wishes ? [b.sizeOf(wishes, 1)] : []);
  const asked = [b.sumAll(b.cast(either, "int64")), ...width(suppressed), ...width(past?.history)];
  return b.greater(
    asked.reduce((a, c) => b.add(a, c)),
    0,
  );
}

/**
 * Logits in which what may not be chosen is out of reach: all but a forced token; else eos before the minimum length,
 * suppressed tokens, and those that would repeat an n-gram. Tokens that came before are made less likely. A forced token
 * is held against nothing and keeps its logit.
 */
export function constrain(b: Graph, limits: Limits): Value {
  const { logits, tokensOfLogits, forced, position, minLength, suppressed, past, eos, vocabulary } = limits;
  const ids = tokensOfLogits ?? everyToken(b, vocabulary);
  const token = toRows(b, b.unsqueeze(forced, 1), limits); // [R, 1]
  const held = b.greaterOrEqual(token, 0);
  const tooShort = toRows(b, b.unsqueeze(b.less(position, minLength), 1), limits);
  const barred = [
    b.and(tooShort, b.equal(ids, eos)),
    ...(suppressed ? [marked(b, toRows(b, suppressed, limits), limits)] : []),
    ...(past ? [repeatsNgram(b, past, limits)] : []),
  ].reduce((a, c) => b.or(a, c)); // [R, W]
  const free = past ? penalized(b, past, limits) : logits;
  const out = b.or(b.and(held, b.not(b.equal(ids, token))), b.and(b.not(held), barred));
  return b.where(out, b.float(FORBIDDEN), b.where(held, logits, free));
}

/** int64 [1, V] */
function everyToken(b: Graph, vocabulary: number): Value {
  const ids = Array.from({ length: vocabulary }, (_, id) => id);
  return b.constant(ids, "int64", [1, vocabulary]);
}
