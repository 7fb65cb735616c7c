import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/**
 * One recurrence. It is cut in two, as Marian does: what it does to its input needs no state and is done for all steps
 * at once; what it does to its state is done step by step.
 */
export interface Cell {
  /** Names of the recurrent state; the first is the output h. Each is [batch, hidden]. */
  readonly states: readonly string[];
  /** Width of the projected input, in units of `hidden`. */
  readonly gates: number;
  /** Declares the weights under a name. */
  build(w: Weights, sizes: { name: string; input: number; hidden: number }): BuiltCell;
}

export interface BuiltCell {
  /** [..., input] → [..., gates · hidden] */
  project(g: Graph, x: Value): Value;
  /** Projected input [batch, gates · hidden] and state → next state, each [batch, hidden]. */
  step(g: Graph, projected: Value, state: readonly Value[]): Value[];
}
