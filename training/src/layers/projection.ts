import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { glorot, zeros } from "./initializers.js";
import type { Weights } from "./weights.js";

/** x [..., input] → x W + b [..., output]. */
export type Linear = (g: Graph, x: Value) => Value;

export function linear(w: Weights, sizes: { name: string; input: number; output: number }): Linear {
  const W = w.get(`${sizes.name}.W`, [sizes.input, sizes.output], glorot);
  const b = w.get(`${sizes.name}.b`, [sizes.output], zeros);
  return (g, x) => g.add(g.matmul(x, W), b);
}

/** The output layer; tied, its matrix is the transposed table of the target embedding (Press & Wolf 2017). */
export function outputProjection(
  w: Weights,
  sizes: { name: string; input: number; vocabulary: number; tied?: Value },
): Linear {
  const { name, input, vocabulary, tied } = sizes;
  if (!tied) return linear(w, { name, input, output: vocabulary });
  const b = w.get(`${name}.b`, [vocabulary], zeros);
  return (g, x) => g.add(g.matmul(x, g.transpose(tied, [1, 0])), b);
}
