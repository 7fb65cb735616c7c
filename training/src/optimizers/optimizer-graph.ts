import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";

/** An optimizer as nodes of a graph: the arithmetic of the `Optimizer` of the same name, where the weights are. */
export interface OptimizerGraph {
  /** Names of what it keeps for each parameter, as `Optimizer.moments` has them. */
  readonly moments: readonly string[];
  /** Numbers that follow from the step alone, always as many. */
  factors(at: { readonly step: number; readonly learningRate: number }): number[];
  /** One parameter's next value, and its next moments. All but the scale and the factors are of the parameter's shape. */
  update(g: Graph, of: ParameterUpdate): { parameter: Value; moments: Value[] };
}

export interface ParameterUpdate {
  readonly parameter: Value;
  /** Before clipping. */
  readonly gradient: Value;
  /** float32 scalar: what the gradient is multiplied by, which clips it. */
  readonly scale: Value;
  /** In the order of their names. */
  readonly moments: readonly Value[];
  /** float32 scalars. */
  readonly factors: readonly Value[];
}
