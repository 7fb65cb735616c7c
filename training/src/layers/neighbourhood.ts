import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/**
 * What each place of a map sees, so that a convolution is one matrix product: [..., …space, C] →
 * [..., …space, kernel^space · C], zero beyond the edge. `kernel` is odd.
 */
export function neighbourhood(g: Graph, x: Value, { space, kernel }: { space: number; kernel: number }): Value {
  let seen = x;
  for (let axis = -1 - space; axis < -1; axis++) {
    const offsets = Array.from({ length: kernel }, (_, k) => k - (kernel - 1) / 2);
    seen = g.concat(
      offsets.map((offset) => shifted(g, seen, { axis, offset })),
      -1,
    );
  }
  return seen;
}

/** y[p] = x[p + offset] along an axis, zero beyond the edge. */
function shifted(g: Graph, x: Value, { axis, offset }: { axis: number; offset: number }): Value {
  return offset === 0 ? x : g.pad(x, { axis, before: -offset, after: offset, fill: 0, size: x.shape.at(axis)! });
}
