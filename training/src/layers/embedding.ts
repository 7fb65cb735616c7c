import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { uniform } from "./initializers.js";
import type { Weights } from "./weights.js";

export interface Embedding {
  /** [V, width] */
  readonly table: Value;
  /** ids [...] → vectors [..., width] */
  lookup(g: Graph, ids: Value): Value;
}

export function embedding(w: Weights, sizes: { name: string; vocabulary: number; width: number }): Embedding {
  const table = w.get(`${sizes.name}.table`, [sizes.vocabulary, sizes.width], uniform(0.1));
  return { table, lookup: (g, ids) => g.gather(table, ids) };
}
