import { toRows } from "../models/rows.js";
import { branch } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { type Past, penalized, repeatsNgram } from "./repetition.js";
import { NO_BOUND, type Places, standing } from "./rows.js";

const FORBIDDEN = -1e30;

export interface Limits extends Places {
  /** [R, W] */
  readonly logits: Value;
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
 * is held against nothing and keeps its logit. Few tokens of a row are touched, and only where they stand.
 */
export function constrain(b: Graph, limits: Limits): Value {
  const { logits, forced, past } = limits;
  const allowed = past ? penalized(b, past, limits) : logits;
  const { there, index } = standing(b, barredTokens(b, limits), limits);
  const free = b.scatterElements(allowed, index, b.where(there, b.float(FORBIDDEN), b.float(NO_BOUND)), "min");
  const held = b.greaterOrEqual(forced, 0); // [N]
  return branch(b, b.greater(b.sumAll(b.cast(held, "int64")), 0), {
    yes: (yes) => [yes.where(toRows(yes, yes.unsqueeze(held, 1), limits), onlyForced(yes, limits), free)],
    no: (no) => [no.identity(free)],
  })[0]!;
}

/** int64 [R, n], −1 being none. */
function barredTokens(b: Graph, { position, minLength, suppressed, past, eos, ...rows }: Limits): Value {
  const early = b.where(b.less(position, minLength), b.int(eos), b.int(-1)); // [N]
  return b.concat(
    [
      toRows(b, b.unsqueeze(early, 1), rows),
      ...(suppressed ? [toRows(b, suppressed, rows)] : []),
      ...(past ? [b.where(repeatsNgram(b, past, rows), past.history, b.int(-1))] : []),
    ],
    1,
  );
}

/** [R, W]: nothing but the forced tokens of the rows. */
function onlyForced(b: Graph, limits: Limits): Value {
  const { logits, forced } = limits;
  const { there, index } = standing(b, toRows(b, b.unsqueeze(forced, 1), limits), limits);
  const kept = b.where(there, b.gatherElements(logits, index), b.float(FORBIDDEN));
  const nothing = b.expand(b.float(FORBIDDEN), b.shapeOf(logits), logits.shape);
  return b.scatterElements(nothing, index, kept);
}
