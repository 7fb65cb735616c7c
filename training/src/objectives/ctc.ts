import { gradientsFrom } from "../autodiff/gradients.js";
import { scan } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** The token of a frame that says nothing. It is the padding, which no target holds. */
export const BLANK = 0;

/** ln 0: low enough to vanish beside any log-probability, and no infinity, so that no difference of two is a NaN. */
const IMPOSSIBLE = -1e30;
/** The log-probability of an alignment is above this. */
const LEAST = -1e20;
/** A probability that vanishes in float32 counts as this one: 83 nats. */
const TINY = 1e-36;

export interface CtcInputs {
  /** [frames, batch, V] */
  readonly logits: Value;
  /** bool [frames, batch, 1], false after the last frame of a sequence */
  readonly alive: Value;
  /** int64 [target, batch]; what lies beyond a target's length is not looked at */
  readonly targets: Value;
  /** int64 [batch], tokens */
  readonly targetLengths: Value;
}

export interface Ctc {
  /** float32 [batch]: −ln p(target), nats; 0 where no alignment exists. */
  readonly nll: Value;
  /** bool [batch]: there are fewer frames than target tokens and blanks between equal ones. */
  readonly impossible: Value;
  /** ∂loss/∂logits [frames, batch, V], from the gradients of the loss by values that are made of `nll`. */
  gradient(seeds: ReadonlyMap<Value, Value>): Value;
}

/**
 * Connectionist temporal classification (Graves et al. 2006): −ln of the probability of all paths, one token or blank a
 * frame, that give the target when repeats are merged and blanks are dropped. It is the forward recursion of the paper in
 * log space, over the labels with blanks around them, for a whole batch; autodiff gives its gradient, which is the paper's
 * forward-backward, down to the emissions. Theirs is written down here: rule by rule it would pass three more times over the
 * largest tensor there is. A sequence without an alignment has no loss and no gradient (as `zero_infinity` of PyTorch).
 */
export function ctc(g: Graph, { logits, alive, targets, targetLengths }: CtcInputs): Ctc {
  const labels = withBlanks(g, targets); // [batch, states]
  const skips = skipCosts(g, labels);
  const emissions = emissionsOf(g, logits, labels);
  const { states } = scan(g, {
    states: [beforeFirstFrame(g, labels)],
    scanned: [emissions.values, alive],
    body(b, [before], [emission, here]) {
      const after = forwardStep(b, { before: before!, emission: emission!, skips });
      return { states: [b.where(here!, after, before!)], outputs: [] };
    },
  });
  const total = lastStates(g, states[0]!, targetLengths); // [batch]
  const impossible = g.less(total, LEAST);
  return {
    nll: g.where(impossible, g.float(0), g.neg(total)),
    impossible,
    gradient: (seeds) => emissions.gradient(gradientsFrom(g, seeds, [emissions.values])[0]!),
  };
}

/** Frames that an alignment of a target needs: one a token, and a blank between two equal ones. */
export function framesNeeded(target: readonly number[]): number {
  return target.reduce((frames, token, k) => frames + (token === target[k - 1] ? 2 : 1), 0);
}

/** int64 [target, batch] → [batch, states]: a blank, the first token, a blank, the second, …, a blank. */
function withBlanks(g: Graph, targets: Value): Value {
  const tokens = g.unsqueeze(g.transpose(targets, [1, 0]), 2); // [batch, target, 1]
  const pairs = g.pad(tokens, { axis: 2, before: 1, after: 0, fill: BLANK, size: 2 }); // [batch, target, 2]
  const joined = g.reshape(pairs, [tokens.shape[0]!, "2·target"]);
  return g.pad(joined, { axis: 1, before: 0, after: 1, fill: BLANK, size: "states" });
}

/** [batch, states]: 0 where a path may go from two states before; it may not pass over a blank between equal tokens. */
function skipCosts(g: Graph, labels: Value): Value {
  return g.where(g.equal(labels, g.shift(labels, 2, BLANK)), g.float(IMPOSSIBLE), g.float(0));
}

/** [batch, states]: certain to stand on the first blank, from which the first frame's two states are reached. */
function beforeFirstFrame(g: Graph, labels: Value): Value {
  const [batch, states] = [g.sizeOf(labels, 0), g.sizeOf(labels, 1)];
  const row = g.where(g.equal(g.range(states, "states"), 0), g.float(0), g.float(IMPOSSIBLE));
  return g.expand(row, g.sizes([batch, states]), labels.shape);
}

interface Emissions {
  /** [frames, batch, states]: ln of the probability that a frame gives the label of a state. */
  readonly values: Value;
  /** [frames, batch, V]: the gradient of the logits for that of the values. */
  gradient(values: Value): Value;
}

function emissionsOf(g: Graph, logits: Value, labels: Value): Emissions {
  const [frames, batch] = logits.shape;
  const sizes = g.sizes([g.sizeOf(logits, 0), g.sizeOf(labels, 0), g.sizeOf(labels, 1)]);
  const indices = g.expand(g.unsqueeze(labels, 0), sizes, [frames!, batch!, "states"]);
  const p = g.softmax(logits);
  return {
    values: g.log(g.add(g.gatherElements(p, indices), TINY)),
    gradient: (dy) => g.scatterElements(g.mul(p, g.neg(g.sum(dy, [-1], 1))), indices, dy, "add"),
  };
}

/** α of the next frame, [batch, states]: ln of the probability of all paths that end in a state (equation 6 of the paper). */
function forwardStep(b: Graph, { before, emission, skips }: { before: Value; emission: Value; skips: Value }): Value {
  const stay = before;
  const next = b.shift(before, 1, IMPOSSIBLE);
  const skip = b.add(b.shift(before, 2, IMPOSSIBLE), skips);
  const ways = b.concat(
    [stay, next, skip].map((way) => b.unsqueeze(way, 1)),
    1,
  ); // [batch, 3, states]
  return b.add(b.logSumExp(ways, [1]), emission);
}

/** [batch]: ln of the probability of all paths that end on the last token or on the blank after it. */
function lastStates(g: Graph, alpha: Value, targetLengths: Value): Value {
  const blank = g.unsqueeze(g.mul(targetLengths, 2), 1); // [batch, 1]
  const none = g.less(blank, 1);
  const token = g.where(none, blank, g.sub(blank, 1));
  const onToken = g.where(none, g.float(IMPOSSIBLE), g.gatherElements(alpha, token));
  return g.logSumExp(g.concat([g.gatherElements(alpha, blank), onToken], 1), [1]);
}
