import type { Weights } from "../layers/weights.js";
import type { Graph } from "../onnx/graph.js";
import type { Value } from "../onnx/value.js";
import { NEVER } from "./suppressed.js";

/**
 * Weights that are inputs of the graph, by their names: a model in training can be run step after step without a graph
 * being built anew. Tokens that are no answer to anything are ruled out in the graph, so that the trainer's memory is fed
 * as it is.
 */
export class FedWeights implements Weights {
  private readonly values = new Map<string, Value>();

  constructor(
    private readonly g: Graph,
    private readonly options: { readonly suppressed: readonly number[] },
  ) {}

  get(name: string, shape: readonly number[]): Value {
    const known = this.values.get(name);
    if (known) return known;
    const input = this.g.input(name, "float32", shape);
    const value = name === "output.b" ? this.suppress(input, shape) : input;
    this.values.set(name, value);
    return value;
  }

  private suppress(bias: Value, shape: readonly number[]): Value {
    const never = new Float32Array(shape[0]!);
    for (const token of this.options.suppressed) never[token] = NEVER;
    return this.g.add(bias, this.g.initializer("output.never", never, "float32", shape));
  }
}
