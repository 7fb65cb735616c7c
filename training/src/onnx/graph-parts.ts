import { type TensorData, typedArray } from "./tensor-data.js";
import type { Attribute, DType, Node, Shape, Value } from "./value.js";

export interface Initializer {
  readonly value: Value;
  readonly data: TensorData;
}

/** What an ONNX graph holds. A body (of Scan, Loop, If) has a parent and may use its ancestors' values. */
export class GraphParts {
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly initializers: Initializer[] = [];
  private readonly constants = new Map<string, Value>();
  private count = 0;
  private redirected: ((input: { name: string; dtype: DType; shape: Shape }) => Value) | undefined;

  constructor(readonly parent?: GraphParts) {}

  get root(): GraphParts {
    return this.parent?.root ?? this;
  }

  /** Names are unique in the whole model, bodies included. */
  private fresh(hint: string): string {
    return `${hint}_${this.root.count++}`;
  }

  value(dtype: DType, shape: Shape, hint: string): Value {
    return { name: this.fresh(hint), dtype, shape, graph: this };
  }

  /** An input by its name; in a body whose inputs are redirected, the value that stands for it. */
  input(name: string, dtype: DType, shape: Shape): Value {
    if (this.redirected) return this.redirected({ name, dtype, shape });
    const value = { name, dtype, shape, graph: this };
    this.inputs.push(value);
    return value;
  }

  /** From here on, inputs of this body are what `source` makes of them: the same layers build a graph, or the body of a loop. */
  redirectInputs(source: (input: { name: string; dtype: DType; shape: Shape }) => Value): void {
    this.redirected = source;
  }

  /** Declares an output; with a name, the tensor is renamed by an Identity. */
  output(value: Value, name?: string): Value {
    if (name === undefined) {
      this.outputs.push(value);
      return value;
    }
    const named: Value = { name, dtype: value.dtype, shape: value.shape, graph: this };
    this.nodes.push({ op: "Identity", inputs: [value], outputs: [named], attributes: {} });
    this.outputs.push(named);
    return named;
  }

  /** Declares an output of a body: a tensor of its own that a node inside makes, so anything else gets an Identity. */
  result(value: Value): void {
    const own = value.graph === this && !this.inputs.includes(value) && !this.outputs.includes(value);
    this.outputs.push(own ? value : this.apply("Identity", [value], {}, [value])[0]!);
  }

  /** A named weight, stored in the model. */
  initializer(name: string, data: TensorData, dtype: DType, shape: Shape): Value {
    const value = { name, dtype, shape, graph: this.root };
    this.root.initializers.push({ value, data });
    return value;
  }

  /** A small constant; equal ones are stored once. */
  constant(data: readonly number[], dtype: DType, shape: Shape): Value {
    const key = `${dtype}:${shape.join("x")}:${data.join(",")}`;
    const known = this.root.constants.get(key);
    if (known) return known;
    const value = this.initializer(this.fresh("const"), typedArray(data, dtype), dtype, shape);
    this.root.constants.set(key, value);
    return value;
  }

  float(x: number): Value {
    return this.constant([x], "float32", []);
  }

  int(x: number): Value {
    return this.constant([x], "int64", []);
  }

  ints(xs: readonly number[]): Value {
    return this.constant(xs, "int64", [xs.length]);
  }

  /** Any operator; `outputs` gives type and shape of each result. */
  apply(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Record<string, Attribute>,
    outputs: readonly { dtype: DType; shape: Shape }[],
  ): Value[] {
    const values = outputs.map((o) => this.value(o.dtype, o.shape, op.toLowerCase()));
    this.nodes.push({ op, inputs: [...inputs], outputs: values, attributes });
    return values;
  }
}
