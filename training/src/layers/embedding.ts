import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import type { Dropout } from "./dropout.js";
import { uniform } from "./initializers.js";
import type { Weights } from "./weights.js";

export interface Embedding {
  /** [V, width] */
  readonly table: Value;
  /** ids [...] → vectors [..., width]; with dropout the vectors of some words of the vocabulary are zero. */
  lookup(g: Graph, ids: Value, dropout?: Dropout): Value;
}

export function embedding(w: Weights, sizes: { name: string; vocabulary: number; width: number }): Embedding {
  const table = w.get(`${sizes.name}.table`, [sizes.vocabulary, sizes.width], uniform(0.1));
  return {
    table,
    lookup(g, ids, dropout) {
      const vectors = g.gather(table, ids);
      const words = dropout?.mask([sizes.vocabulary, 1], { name: `${sizes.name}.words`, place: "embedding" });
      return words ? g.mul(vectors, g.gather(words, ids)) : vectors;
    },
  };
}
