import type { Graph } from "../../onnx/graph.js";
import type { Value } from "../../onnx/value.js";
import { type GradientRule, unbroadcast } from "../rule.js";

/** Y = A · B: dA = dY · Bᵀ, dB = Aᵀ · dY. A [..., m, k], B [k, n] or [..., k, n]. */
export const matmul: GradientRule = ({ g, inputs: [a, b], gradients: [dy], needs }) => [
  needs(0) ? leftGradient(g, a!, b!, dy!) : undefined,
  needs(1) ? rightGradient(g, a!, b!, dy!) : undefined,
];

/** A matrix shared by all leading axes is one product here too, not one for each. */
function leftGradient(g: Graph, a: Value, b: Value, dy: Value): Value {
  if (b.shape.length === 2) {
    const da = g.gemm(g.flatten(dy), b, { transposed: "b" });
    return a.shape.length === 2 ? da : g.reshapeLike(da, a);
  }
  return unbroadcast(g, g.matmul(dy, swapLast(g, b)), a);
}

/** A matrix shared by all leading axes gets one product over all of them, of rows that are turned once: Gemm would turn them block by block. */
export function rightGradient(g: Graph, a: Value, b: Value, dy: Value): Value {
  if (b.shape.length === 2) return g.gemm(g.transpose(g.flatten(a), [1, 0]), g.flatten(dy));
  return unbroadcast(g, g.matmul(swapLast(g, a), dy), b);
}

function swapLast(g: Graph, x: Value): Value {
  const perm = x.shape.map((_, k) => k);
  const last = perm.length - 1;
  [perm[last], perm[last - 1]] = [last - 1, last];
  return g.transpose(x, perm);
}
