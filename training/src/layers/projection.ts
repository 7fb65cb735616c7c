import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { glorot, zeros } from "./initializers.js";
import type { Weights } from "./weights.js";

/** x [..., input] → x W + b [..., output]. */
export type Linear = (g: Graph, x: Value) => Value;

/** x W + b as one product of matrices. */
export function affineMap(g: Graph, x: Value, { W, b }: { W: Value; b: Value }): Value {
  if (x.shape.length === 2) return g.add(g.matmul(x, W), b);
  const rows = g.add(g.matmul(g.flatten(x), W), b);
  const lead = x.shape.slice(0, -1);
  if (lead.every((d) => typeof d === "number")) return g.reshape(rows, [...lead, W.shape[1]!]);
  return g.reshapeTo(rows, [...lead.map((_, axis) => g.sizeOf(x, axis)), -1], [...lead, W.shape[1]!]);
}

export function linear(w: Weights, sizes: { name: string; input: number; output: number }): Linear {
  const W = w.get(`${sizes.name}.W`, [sizes.input, sizes.output], glorot);
  const b = w.get(`${sizes.name}.b`, [sizes.output], zeros);
  return (g, x) => affineMap(g, x, { W, b });
}

/** The output layer: x [..., input] → logits [..., V], or those of some of its columns. */
export interface OutputProjection {
  /** [input, V], or [V, input] when it is a table of embeddings, too. */
  readonly matrix: Value;
  /** The axis of the matrix that has the tokens. */
  readonly tokens: 0 | 1;
  /** [V] */
  readonly bias: Value;
  all: Linear;
  /** The layer cut down to columns, int64 [C]: it gives [..., C]. */
  some(g: Graph, columns: Value): Linear;
}

/** The output layer; tied, its matrix is the transposed table of the target embedding (Press & Wolf 2017). */
export function outputProjection(
  w: Weights,
  sizes: { name: string; input: number; vocabulary: number; tied?: Value },
): OutputProjection {
  const { name, input, vocabulary, tied } = sizes;
  const W = tied ?? w.get(`${name}.W`, [input, vocabulary], glorot);
  const b = w.get(`${name}.b`, [vocabulary], zeros);
  const turned = (g: Graph, m: Value) => g.transpose(m, [1, 0]);
  return {
    matrix: W,
    tokens: tied ? 0 : 1,
    bias: b,
    all: (g, x) => affineMap(g, x, { W: tied ? turned(g, W) : W, b }),
    some(g, columns) {
      // rows are gathered, not columns: they lie together
      const rows = g.gather(tied ? W : turned(g, W), columns); // [C, input]
      const some = { W: turned(g, rows), b: g.gather(b, columns) };
      return (body, x) => affineMap(body, x, some);
    },
  };
}
