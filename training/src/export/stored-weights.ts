import type { Weights } from "../layers/weights.js";
import { toFloat16 } from "../onnx/float16.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import type { NamedParameters } from "../trainer/parameters.js";

export type Precision = "fp16" | "fp32";

/** What a graph multiplies, adds and attends in; scores are fp32 always. fp16 is for a GPU. */
export type Arithmetic = "fp16" | "fp32";

/** How weights are stored, and what is computed with them. */
export interface Storage {
  readonly precision: Precision;
  /** fp32 when absent. */
  readonly arithmetic?: Arithmetic | undefined;
}

/**
 * Trained weights, stored in the graph. Where the arithmetic is fp32, those in fp16 are cast when the graph is loaded;
 * where it is fp16, all are stored as that.
 */
export class StoredWeights implements Weights {
  private readonly values = new Map<string, Value>();

  constructor(
    private readonly g: Graph,
    private readonly parameters: NamedParameters,
    private readonly storage: Storage,
  ) {}

  /** @throws Error when training made no such weight, or one of another shape */
  get(name: string, shape: readonly number[]): Value {
    const known = this.values.get(name);
    if (known) return known;
    const parameter = this.parameters.get(name);
    if (!parameter) throw new Error(`the trained model has no weight ${name}`);
    if (parameter.shape.join() !== shape.join()) {
      throw new Error(`weight ${name} is [${parameter.shape}], the layer wants [${shape}]`);
    }
    const value = this.store(name, parameter.data, shape);
    this.values.set(name, value);
    return value;
  }

  private store(name: string, values: Float32Array, shape: readonly number[]): Value {
    const { precision, arithmetic = "fp32" } = this.storage;
    if (arithmetic === "fp32" && precision === "fp32") {
      return this.g.initializer(name, values.slice(), "float32", shape);
    }
    const halves = this.g.initializer(name, toFloat16(values), "float16", shape);
    return arithmetic === "fp16" ? halves : this.g.cast(halves, "float32");
  }
}
