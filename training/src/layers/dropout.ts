import type { Graph } from "../onnx/graph.js";
import type { Dim, Value } from "../onnx/value.js";

/**
 * Inverted dropout (Srivastava et al. 2014). The masks (0 or 1/(1 − rate)) are inputs of the graph, so that a seed alone
 * decides them and a resumed training draws the same.
 */
export interface Dropout {
  apply(x: Value, name: string): Value;
}

export interface DropoutMask {
  readonly input: string;
  readonly rate: number;
  readonly shape: readonly Dim[];
}

export const noDropout: Dropout = { apply: (x) => x };

/** Dropout in a training graph; `masks` gathers what the trainer has to draw. */
export function dropoutInto(g: Graph, rate: number, masks: DropoutMask[]): Dropout {
  if (rate === 0) return noDropout;
  return {
    apply(x, name) {
      const input = `dropout.${name}`;
      masks.push({ input, rate, shape: x.shape });
      return g.mul(x, g.input(input, "float32", x.shape));
    },
  };
}
