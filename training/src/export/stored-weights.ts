import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import type { NamedParameters } from "../trainer/parameters.js";
import { toFloat16 } from "./float16.js";

export type Precision = "fp16" | "fp32";

/** Trained weights, stored in the graph; as fp16 they are cast when the graph is loaded, and computed with as fp32. */
export class StoredWeights implements Weights {
  private readonly values = new Map<string, Value>();

  constructor(
    private readonly g: Graph,
    private readonly parameters: NamedParameters,
    private readonly precision: Precision,
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
    if (this.precision === "fp32") return this.g.initializer(name, values.slice(), "float32", shape);
    return this.g.cast(this.g.initializer(name, toFloat16(values), "float16", shape), "float32");
  }
}
