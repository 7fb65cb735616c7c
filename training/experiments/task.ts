import type { Weights } from "@carousel/training/layers/weights";
import type { Graph } from "@carousel/training/onnx/graph";
import type { Feeds } from "@carousel/training/onnx/runtime";
import type { Value } from "@carousel/training/onnx/value";
import type { Random } from "@carousel/training/random";

/** Something to learn: examples without end, and the network that reads them. */
export interface Task {
  /** Declares the inputs that `draw` feeds, and all that is computed from them. */
  build(g: Graph, w: Weights): Network;
  /** A batch of new examples. */
  draw(random: Random): Feeds;
}

export interface Network {
  /** float32 scalar: what is minimized, a mean over the batch. */
  readonly loss: Value;
  /** ∂loss/∂v for values v on which alone the loss depends, where an objective knows them; absent: they are derived. */
  seeds?(): ReadonlyMap<Value, Value>;
  /** Further float32 results that an evaluation tells, by name. */
  readonly measures?: Readonly<Record<string, Value>>;
}
