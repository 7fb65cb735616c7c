import { EOS } from "../data/special.js";
import { branch } from "../onnx/control-flow.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** Places within which a word behind a given text is looked for. */
const NEAR = 8;

export interface Reading {
  /** int64 [R, 1]: the place to read if the token at hand is what the place before it offered. */
  readonly next: Value;
  /** bool [R, 1]: the token before the one at hand was offered nowhere near. */
  readonly astray: Value;
}

/**
 * Where a decoder that reads what is written reads on. A token that its place offered leads to the next place. Others were
 * given, as terms and prefixes are: one that stands a few places further leads to the place behind it; a run of those
 * that stand nowhere near takes the place of one token, however many they are.
 * @param token int64 [R]: the one at hand
 * @param sentence int64 [R]
 * @param offered int64 [N · places, choices]: likeliest first
 */
export function readOn(
  g: Graph,
  { next, astray }: Reading,
  options: { token: Value; sentence: Value; offered: Value; places: Value },
): Reading {
  const { token, sentence, offered, places } = options;
  const given = g.unsqueeze(token, 1); // [R, 1]
  const own = g.sub(g.min(next, places), 1); // [R, 1]: the place of the token at hand; the first has none, but does not stray
  const row = g.add(g.mul(sentence, places), g.squeeze(own, 1));
  const isOffered = anyOfRow(g, g.equal(g.gather(offered, row), given));
  const strays = g.and(g.greater(given, EOS), g.not(isOffered)); // [R, 1]
  const [place, lost] = branch(g, anyOfAll(g, strays), {
    yes(yes) {
      const best = yes.reshapeTo(yes.slice(offered, 1, 0, 1, 1), [-1, places], ["N", "places"]);
      const here = yes.equal(yes.gather(best, sentence), given); // [R, places]
      const at = yes.unsqueeze(yes.range(places, "places"), 0);
      const near = yes.and(yes.greaterOrEqual(at, own), yes.less(at, yes.add(own, NEAR)));
      const stands = yes.and(here, near);
      const found = anyOfRow(yes, stands);
      const behind = yes.add(yes.unsqueeze(yes.argmax(yes.cast(stands, "float32")), 1), 1);
      const instead = yes.where(astray, own, next);
      return [yes.where(strays, yes.where(found, behind, instead), next), yes.and(strays, yes.not(found))];
    },
    no: (no) => [no.identity(next), no.identity(strays)],
  });
  return { next: place!, astray: lost! };
}

/** bool [R, …] → [R, 1] */
function anyOfRow(g: Graph, flags: Value): Value {
  return g.greater(g.sum(g.cast(flags, "int64"), [1], 1), 0);
}

function anyOfAll(g: Graph, flags: Value): Value {
  return g.greater(g.sumAll(g.cast(flags, "int64")), 0);
}
