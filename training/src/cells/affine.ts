import { type Initialize, uniformFanIn, zeros } from "../layers/initializers.js";
import type { Weights } from "../layers/weights.js";
import type { Value } from "../onnx/value.js";

export interface Affine {
  /** [input, gates · hidden] */
  readonly W: Value;
  /** [hidden, gates · hidden] */
  readonly U: Value;
  /** [gates · hidden] */
  readonly bias: Value;
}

/** The weights of W x + U h + b for some gates side by side, all from U(−1/√hidden, 1/√hidden) but the bias. */
export function affine(
  w: Weights,
  sizes: { name: string; input: number; hidden: number; gates: number; bias?: Initialize },
): Affine {
  const { name, input, hidden, gates, bias = zeros } = sizes;
  return {
    W: w.get(`${name}.W`, [input, gates * hidden], uniformFanIn(hidden)),
    U: w.get(`${name}.U`, [hidden, gates * hidden], uniformFanIn(hidden)),
    bias: w.get(`${name}.b`, [gates * hidden], bias),
  };
}
