import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/**
 * One recurrence. It is cut in two, as Marian does: what it does to its input needs no state and is done for all steps
 * at once; what it does to its state is done step by step.
 *
 * Shapes are those of a plain sequence. A cell over feature maps has the axes of the map before the last one, in its
 * input and in its state alike: [batch, …space, hidden].
 */
export interface Cell {
  /** Names of the recurrent state; the first is the output h. Each is [batch, hidden]. */
  readonly states: readonly string[];
  /** Width of the projected input, in units of `hidden`. */
  readonly gates: number;
  /** Declares the weights under a name. */
  build(w: Weights, sizes: { name: string; input: number; hidden: number }): BuiltCell;
  /** Number of axes of its feature maps; absent for a cell over plain vectors. */
  readonly space?: number;
}

export interface BuiltCell {
  /** [..., input] → [..., gates · hidden] */
  project(g: Graph, x: Value): Value;
  /** Projected input [batch, gates · hidden] and state → next state, each [batch, hidden]. */
  step(g: Graph, projected: Value, state: readonly Value[]): Value[];
  /** The whole layer as one standard ONNX operator, where there is one that means the same. */
  readonly operator?: (g: Graph, sequence: OperatorInput) => OperatorOutput;
}

export interface OperatorInput {
  /** [time, batch, input] */
  readonly x: Value;
  /** int64 [batch]: steps of each sequence; its state stays as it was afterwards. */
  readonly lengths: Value;
  readonly reverse: 0 | 1;
}

export interface OperatorOutput {
  /** All h, [time, batch, hidden]; zero where a sequence has ended. */
  readonly outputs: Value;
  /** Last states, [batch, hidden] each. */
  readonly states: Value[];
}
