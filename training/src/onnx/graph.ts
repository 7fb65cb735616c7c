import { GraphParts } from "./graph-parts.js";
import { addDims, broadcast, matmulShape, multiplyDims, normalizeAxis, ShapeError } from "./shapes.js";
import type { Attribute, Dim, DType, Shape, Value } from "./value.js";
import { describe } from "./value.js";

type Reduction = "none" | "add" | "min" | "max";

/**
 * An ONNX graph under construction, opset 18. Every method adds one node and returns its output with its shape inferred;
 * a shape that does not fit throws a ShapeError at the line that made it.
 */
export class Graph extends GraphParts {
  private one(
    op: string,
    inputs: readonly (Value | undefined)[],
    shape: Shape,
    attributes: Record<string, Attribute> = {},
    dtype: DType = inputs[0]!.dtype,
  ): Value {
    return this.apply(op, inputs, attributes, [{ dtype, shape }])[0]!;
  }

  private binary(op: string, a: Value, b: Value | number, dtype: DType = a.dtype): Value {
    const right = typeof b === "number" ? this.constant([b], a.dtype, []) : b;
    if (a.dtype !== right.dtype) throw new ShapeError(`${op}: ${describe(a)} and ${describe(right)} differ in type`);
    return this.one(op, [a, right], broadcast(op, a, right), {}, dtype);
  }

  add(a: Value, b: Value | number): Value {
    return this.binary("Add", a, b);
  }
  sub(a: Value, b: Value | number): Value {
    return this.binary("Sub", a, b);
  }
  mul(a: Value, b: Value | number): Value {
    return this.binary("Mul", a, b);
  }
  div(a: Value, b: Value | number): Value {
    return this.binary("Div", a, b);
  }
  equal(a: Value, b: Value | number): Value {
    return this.binary("Equal", a, b, "bool");
  }
  less(a: Value, b: Value | number): Value {
    return this.binary("Less", a, b, "bool");
  }
  greater(a: Value, b: Value | number): Value {
    return this.binary("Greater", a, b, "bool");
  }
  greaterOrEqual(a: Value, b: Value | number): Value {
    return this.binary("GreaterOrEqual", a, b, "bool");
  }
  and(a: Value, b: Value): Value {
    return this.binary("And", a, b);
  }
  or(a: Value, b: Value): Value {
    return this.binary("Or", a, b);
  }
  not(a: Value): Value {
    return this.one("Not", [a], a.shape);
  }
  neg(a: Value): Value {
    return this.one("Neg", [a], a.shape);
  }
  exp(a: Value): Value {
    return this.one("Exp", [a], a.shape);
  }
  log(a: Value): Value {
    return this.one("Log", [a], a.shape);
  }
  sqrt(a: Value): Value {
    return this.one("Sqrt", [a], a.shape);
  }
  sigmoid(a: Value): Value {
    return this.one("Sigmoid", [a], a.shape);
  }
  tanh(a: Value): Value {
    return this.one("Tanh", [a], a.shape);
  }
  identity(a: Value): Value {
    return this.one("Identity", [a], a.shape);
  }
  /** The value itself where it is of the type already. */
  cast(a: Value, dtype: DType): Value {
    if (a.dtype === dtype) return a;
    return this.one("Cast", [a], a.shape, { to: DTYPE_CODES[dtype] }, dtype);
  }
  /** The lesser of two, element by element. */
  min(a: Value, b: Value): Value {
    return this.one("Min", [a, b], broadcast("Min", a, b));
  }
  where(condition: Value, a: Value, b: Value): Value {
    const inner = broadcast("Where", a, b);
    const shape = broadcast("Where", condition, { ...a, shape: inner });
    return this.one("Where", [condition, a, b], shape, {}, a.dtype);
  }
  softmax(a: Value): Value {
    return this.one("Softmax", [a], a.shape, { axis: -1 });
  }
  matmul(a: Value, b: Value): Value {
    return this.one("MatMul", [a, b], matmulShape(a, b));
  }

  /** a · b of matrices, or a · bᵀ. */
  gemm(a: Value, b: Value, { transposed }: { transposed?: "b" } = {}): Value {
    const [inner, outer] = transposed === "b" ? [1, 0] : [0, 1];
    if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[1] !== b.shape[inner]) {
      throw new ShapeError(`Gemm: ${describe(a)} does not multiply ${describe(b)}`);
    }
    return this.one("Gemm", [a, b], [a.shape[0]!, b.shape[outer]!], { transB: inner });
  }

  concat(values: readonly Value[], axis: number): Value {
    const first = values[0]!;
    const at = normalizeAxis(axis, first.shape.length);
    const shape = first.shape.map((d, k) => (k === at ? addDims(values.map((v) => v.shape[k]!)) : d));
    return this.one("Concat", values, shape, { axis: at });
  }

  /** Parts of the given sizes along an axis. */
  split(a: Value, sizes: readonly number[], axis: number): Value[] {
    const at = normalizeAxis(axis, a.shape.length);
    if (sizes.reduce((x, y) => x + y, 0) !== a.shape[at]) {
      throw new ShapeError(`Split: ${describe(a)} has no parts of ${sizes.join(", ")} on axis ${axis}`);
    }
    const outputs = sizes.map((size) => ({ dtype: a.dtype, shape: a.shape.map((d, k) => (k === at ? size : d)) }));
    return this.apply("Split", [a, this.ints(sizes)], { axis: at }, outputs);
  }

  transpose(a: Value, perm: readonly number[]): Value {
    return this.one(
      "Transpose",
      [a],
      perm.map((p) => a.shape[p]!),
      { perm },
    );
  }

  /** Reshape; a name that stays in its place is kept, and at most one other name is inferred. */
  reshape(a: Value, shape: Shape): Value {
    const sizes = shape.map((d, k) => (typeof d === "number" ? d : d === a.shape[k] ? 0 : -1));
    if (sizes.filter((s) => s === -1).length > 1) {
      throw new ShapeError(`Reshape: more than one unknown size in [${shape.join(", ")}]`);
    }
    return this.one("Reshape", [a, this.ints(sizes)], shape);
  }

  /** Reshape to the run-time shape of another value. */
  reshapeLike(a: Value, like: Value): Value {
    return this.one("Reshape", [a, this.shapeOf(like)], like.shape);
  }

  /** Reshape to sizes computed in the graph; `shape` says what they are. */
  reshapeTo(a: Value, sizes: readonly (Value | number)[], shape: Shape): Value {
    return this.one("Reshape", [a, this.sizes(sizes)], shape);
  }

  /** A 1-D int64 tensor of sizes, from scalars and numbers. */
  sizes(sizes: readonly (Value | number)[]): Value {
    return this.concat(
      sizes.map((s) => (typeof s === "number" ? this.ints([s]) : this.one("Reshape", [s, this.ints([1])], [1]))),
      0,
    );
  }

  unsqueeze(a: Value, axis: number): Value {
    const at = normalizeAxis(axis, a.shape.length + 1);
    const shape = [...a.shape.slice(0, at), 1, ...a.shape.slice(at)];
    return this.one("Unsqueeze", [a, this.ints([at])], shape);
  }

  squeeze(a: Value, axis: number): Value {
    const at = normalizeAxis(axis, a.shape.length);
    if (a.shape[at] !== 1) throw new ShapeError(`Squeeze: axis ${axis} of ${describe(a)} is not 1`);
    return this.one("Squeeze", [a, this.ints([at])], [...a.shape.slice(0, at), ...a.shape.slice(at + 1)]);
  }

  expand(a: Value, sizes: Value, shape: Shape): Value {
    return this.one("Expand", [a, sizes], shape);
  }

  /** Rows of `table` by index: [V, ...] and [...i] → [...i, ...]. */
  gather(table: Value, indices: Value): Value {
    return this.one("Gather", [table, indices], [...indices.shape, ...table.shape.slice(1)], { axis: 0 });
  }

  /** One element by index along the last axis; indices have the rank of a. */
  gatherElements(a: Value, indices: Value): Value {
    return this.one("GatherElements", [a, indices], indices.shape, { axis: -1 });
  }

  /** `base` with `updates` put at, or by `reduction` joined to what is at, `indices` along the last axis: [..., n], [..., k], [..., k]. */
  scatterElements(base: Value, indices: Value, updates: Value, reduction: Reduction = "none"): Value {
    return this.one("ScatterElements", [base, indices, updates], base.shape, { axis: -1, reduction });
  }

  slice(a: Value, axis: number, start: number, end: number, size: Dim): Value {
    const at = normalizeAxis(axis, a.shape.length);
    const shape = a.shape.map((d, k) => (k === at ? size : d));
    return this.one("Slice", [a, this.ints([start]), this.ints([end]), this.ints([at])], shape);
  }

  /** Places of `fill` (0) put before and after along an axis; a negative number takes elements away. */
  pad(a: Value, options: { axis: number; before: number; after: number; fill?: number; size?: Dim }): Value {
    const { before, after, fill, size } = options;
    const at = normalizeAxis(options.axis, a.shape.length);
    const shape = a.shape.map((d, k) => (k === at ? (size ?? addDims([d, before + after])) : d));
    const filling = fill === undefined ? undefined : this.constant([fill], a.dtype, []);
    return this.one("Pad", [a, this.ints([before, after]), filling, this.ints([at])], shape, { mode: "constant" });
  }

  /** Moved `by` places along the last axis; `fill` comes in at the front, what passes the end is lost. */
  shift(a: Value, by: number, fill: number): Value {
    return this.pad(a, { axis: -1, before: by, after: -by, fill, size: a.shape.at(-1)! });
  }

  private reduce(op: string, a: Value, axes: readonly number[], keep: 0 | 1): Value {
    const at = axes.map((axis) => normalizeAxis(axis, a.shape.length));
    const shape = a.shape.flatMap((d, k) => (at.includes(k) ? (keep ? [1] : []) : [d]));
    return this.one(op, [a, this.ints(at)], shape, { keepdims: keep });
  }

  sum(a: Value, axes: readonly number[], keep: 0 | 1 = 0): Value {
    return this.reduce("ReduceSum", a, axes, keep);
  }
  mean(a: Value, axes: readonly number[], keep: 0 | 1 = 0): Value {
    return this.reduce("ReduceMean", a, axes, keep);
  }
  max(a: Value, axes: readonly number[], keep: 0 | 1 = 0): Value {
    return this.reduce("ReduceMax", a, axes, keep);
  }
  logSumExp(a: Value, axes: readonly number[], keep: 0 | 1 = 0): Value {
    return this.reduce("ReduceLogSumExp", a, axes, keep);
  }
  sumAll(a: Value): Value {
    return this.one("ReduceSum", [a], [], { keepdims: 0 });
  }

  argmax(a: Value): Value {
    return this.one("ArgMax", [a], a.shape.slice(0, -1), { axis: -1, keepdims: 0 }, "int64");
  }

  /** The k largest along the last axis, best first: [values, indices]; ties by the lower index. */
  topK(a: Value, k: Value, size: Dim): [Value, Value] {
    const shape = [...a.shape.slice(0, -1), size];
    const [values, indices] = this.apply("TopK", [a, this.sizes([k])], { axis: -1, largest: 1, sorted: 1 }, [
      { dtype: a.dtype, shape },
      { dtype: "int64", shape },
    ]);
    return [values!, indices!];
  }

  cumSum(a: Value, axis: number, exclusive: 0 | 1): Value {
    return this.one("CumSum", [a, this.int(axis)], a.shape, { exclusive });
  }

  shapeOf(a: Value): Value {
    return this.one("Shape", [a], [a.shape.length], {}, "int64");
  }

  /** One size of a value, as an int64 scalar. */
  sizeOf(a: Value, axis: number): Value {
    return this.one("Gather", [this.shapeOf(a), this.int(normalizeAxis(axis, a.shape.length))], [], { axis: 0 });
  }

  /** 0, 1, … n − 1. */
  range(n: Value, size: Dim): Value {
    return this.one("Range", [this.int(0), n, this.int(1)], [size], {}, "int64");
  }

  zerosLike(a: Value): Value {
    return this.one("ConstantOfShape", [this.shapeOf(a)], a.shape, {}, "float32");
  }

  /** Zeros (float32) of sizes computed in the graph. */
  zeros(sizes: readonly (Value | number)[], shape: Shape): Value {
    return this.one("ConstantOfShape", [this.sizes(sizes)], shape, {}, "float32");
  }

  /** `base` with `updates` added at `indices` along axis 0 (repeats accumulate): [V, ...], [n], [n, ...]. */
  scatterAdd(base: Value, indices: Value, updates: Value): Value {
    return this.one("ScatterND", [base, this.unsqueeze(indices, 1), updates], base.shape, { reduction: "add" });
  }

  /** [..., n] → [product of the rest, n]. */
  flatten(a: Value): Value {
    return a.shape.length === 2 ? a : this.reshape(a, [multiplyDims(a.shape.slice(0, -1)), a.shape.at(-1)!]);
  }
}

const DTYPE_CODES: Record<DType, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 };

export function dtypeCode(dtype: DType): number {
  return DTYPE_CODES[dtype];
}
