import { toRows } from "../models/rows.js";
import { branch, loop } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { NO_BOUND, type Places, standing } from "./rows.js";

/** What came before, and what a sentence wants of it. */
export interface Past {
  /** int64 [R, H]: the last H tokens of a row, the last of all at the end; −1 in front of the first. */
  readonly history: Value;
  /** float32 [N]; 1 is no penalty. */
  readonly penalty: Value;
  /** int64 [N]: n; 0 is no guard. */
  readonly noRepeat: Value;
}

/**
 * Logits in which the log-probability of every token of the history is multiplied by the penalty: Keskar et al. 2019, but
 * on log-probabilities, which unlike logits do not change their meaning at zero.
 */
export function penalized(b: Graph, { history, penalty }: Past, rows: Penalized): Value {
  const { logits } = rows;
  const asked = b.sumAll(b.cast(b.not(b.equal(penalty, 1)), "int64"));
  return branch(b, b.greater(asked, 0), {
    yes(yes) {
      const factor = toRows(yes, yes.unsqueeze(penalty, 1), rows); // [R, 1]
      const { there, index } = standing(yes, history, rows);
      const own = yes.sub(yes.gatherElements(logits, index), rows.normalizer);
      const changed = yes.add(rows.normalizer, yes.mul(own, factor)); // [R, H]
      const where = (which: Value, none: number) => yes.where(yes.and(there, which), changed, yes.float(none));
      // a token may stand in the history more than once: the least of equal numbers is what they are
      const lower = yes.scatterElements(logits, index, where(yes.greater(factor, 1), NO_BOUND), "min");
      return [yes.scatterElements(lower, index, where(yes.less(factor, 1), -NO_BOUND), "max")];
    },
    no: (no) => [no.identity(logits)],
  })[0]!;
}

interface Penalized extends Places {
  /** [R, W] */
  readonly logits: Value;
  /** [R, 1] */
  readonly normalizer: Value;
  readonly beam: Value;
}

/**
 * bool [R, H]: the tokens of the history that would complete an n-gram which the row has already (Paulus et al. 2018). Place j of the
 * history is followed by one of them when the n − 1 tokens before j are the last n − 1 of the row: the history is shifted
 * by 1, 2, … n − 1 places, and what stands at j is compared with what stands behind the end.
 */
export function repeatsNgram(b: Graph, { history, noRepeat }: Past, rows: { readonly beam: Value }): Value {
  const n = toRows(b, b.unsqueeze(noRepeat, 1), rows); // [R, 1]
  // by Concat: CUDA has no Pad of int64
  const none = b.expand(b.constant([-1], "int64", [1, 1]), b.sizes([b.sizeOf(history, 0), 1]), [history.shape[0]!, 1]);
  const withNext = b.concat([history, none], 1);
  const wanted = b.expand(b.greater(n, 0), b.shapeOf(withNext), withNext.shape); // [R, H + 1]
  const longest = b.squeeze(b.max(noRepeat, [0], 1), 0);
  const { carried } = loop(b, {
    tripCount: b.sub(longest, 1),
    steps: "n",
    carried: [withNext, wanted],
    body(body, iteration, [shifted, same]) {
      const kept = body.slice(shifted!, 1, 0, -1, history.shape[1]!);
      const moved = body.concat([none, kept], 1);
      const behindEnd = body.slice(moved, 1, -1, END, 1); // [R, 1]
      const beyond = body.greater(body.add(iteration, 2), n); // [R, 1]: n has no such place
      return { carried: [moved, body.and(same!, body.or(beyond, body.equal(moved, behindEnd)))], outputs: [] };
    },
  });
  return b.slice(carried[1]!, 1, 0, -1, history.shape[1]!);
}

const END = 2 ** 31 - 1;
