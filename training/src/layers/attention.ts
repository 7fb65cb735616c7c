import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { glorot } from "./initializers.js";
import type { Weights } from "./weights.js";

export type AttentionKind = "dot" | "general" | "additive";

export interface Attention {
  /** What queries are compared with, made once for a sentence: memory [batch, source, M] → keys [batch, source, H]. */
  keys(g: Graph, memory: Value): Value;
  /** The keys as `weights` wants them, made once for all steps. */
  laidOut(g: Graph, keys: Value): Value;
  /** queries [batch, n, H], keys laid out, mask [batch, 1, source] (0, or −1e9 at padding) → weights [batch, n, source]. */
  readonly weights: Compare;
  /**
   * The same by a product for each query, which sums in one order however many there are: queries are columns
   * [batch, n, H, 1], keys [batch, 1, source, H], mask [batch, 1, 1, source] → weights [batch, n, 1, source]. Absent where
   * `weights` does so anyway.
   */
  readonly weightsApart?: Compare;
}

type Compare = (g: Graph, queries: Value, keys: Value, mask: Value) => Value;

/**
 * dot and general: Luong, Pham & Manning 2015, score = qᵀ k, with k = m or k = W m.
 * additive: Bahdanau, Cho & Bengio 2015, score = vᵀ tanh(W q + U m).
 */
export function attention(
  w: Weights,
  options: { kind: AttentionKind; name: string; query: number; memory: number },
): Attention {
  const { kind, name, query, memory } = options;
  if (kind === "additive") return additive(w, options);
  if (kind === "dot" && query !== memory) {
    throw new Error(`dot attention needs a decoder as wide as the memory: ${query} is not ${memory}`);
  }
  const project = kind === "general" ? w.get(`${name}.W`, [memory, query], glorot) : undefined;
  return {
    keys: (g, m) => (project ? g.matmul(m, project) : m),
    laidOut: (g, keys) => g.transpose(keys, [0, 2, 1]), // [batch, H, source]
    weights: (g, q, keys, mask) => masked(g, g.matmul(q, keys), mask),
    weightsApart(g, q, keys, mask) {
      const scores = g.matmul(keys, q); // [batch, n, source, 1]
      return masked(g, g.unsqueeze(g.squeeze(scores, 3), 2), mask);
    },
  };
}

/** Softmax over the source, in the mask's type: a weight is wanted exactly where queries and keys may be in halves. */
function masked(g: Graph, scores: Value, mask: Value): Value {
  return g.softmax(g.add(g.cast(scores, mask.dtype), mask));
}

function additive(w: Weights, { name, query, memory }: { name: string; query: number; memory: number }): Attention {
  const W = w.get(`${name}.W`, [query, query], glorot);
  const U = w.get(`${name}.U`, [memory, query], glorot);
  const v = w.get(`${name}.v`, [query, 1], glorot);
  return {
    keys: (g, m) => g.matmul(m, U),
    laidOut: (g, keys) => g.unsqueeze(keys, 1), // [batch, 1, source, H]
    weights(g, q, keys, mask) {
      const hidden = g.tanh(g.add(g.unsqueeze(g.matmul(q, W), 2), keys)); // [batch, n, source, H]
      return masked(g, g.squeeze(g.matmul(hidden, v), 3), mask);
    },
  };
}
