import type { Value } from "../onnx/value.js";
import type { Initialize } from "./initializers.js";

/**
 * Where layers get their weights from. The same layers make the training graph (weights are inputs) and the graphs for
 * inference (weights are stored in the model). Asking twice for a name gives the same value.
 */
export interface Weights {
  get(name: string, shape: readonly number[], initialize: Initialize): Value;
}
