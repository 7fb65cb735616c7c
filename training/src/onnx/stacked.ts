import type { Graph } from "./graph.js";
import { integers, type Tensor, tensor } from "./runtime.js";
import type { DType, Shape, Value } from "./value.js";

/**
 * Tensors of one kind and of different sizes, end to end in one input of a graph, of which a loop takes one each time. With
 * it go `<name>.start` int64 [n + 1], where each begins, and `<name>.shape` int64 [n, rank]. Scalars are a plain float32 [n].
 */
export function takeStacked(
  graph: { readonly outer: Graph; readonly body: Graph; readonly iteration: Value },
  { name, dtype, shape }: { name: string; dtype: DType; shape: Shape },
): Value {
  const { outer, body, iteration } = graph;
  const values = outer.input(name, dtype, [`${name}.size`]);
  if (shape.length === 0) return body.gather(values, iteration);
  const starts = outer.input(`${name}.start`, "int64", [`${name}.count`]);
  const shapes = outer.input(`${name}.shape`, "int64", ["steps", shape.length]);
  const place = (i: Value) => body.sizes([body.gather(starts, i)]);
  const [start, end] = [place(iteration), place(body.add(iteration, 1))];
  const [flat] = body.apply("Slice", [values, start, end, body.ints([0])], {}, [{ dtype, shape: [`${name}.size`] }]);
  return body.apply("Reshape", [flat, body.gather(shapes, iteration)], {}, [{ dtype, shape }])[0]!;
}

/** What to feed for `takeStacked`: tensors of one type and rank. */
export function stack(name: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  const { type } = tensors[0]!;
  const size = tensors.reduce((sum, t) => sum + t.size, 0);
  const values = type === "int64" ? new BigInt64Array(size) : new Float32Array(size);
  let start = 0;
  for (const t of tensors) {
    values.set(t.data as never, start);
    start += t.size;
  }
  const shapes = tensors.map((t) => t.dims);
  return stacked(name, tensor(type as "float32", values as Float32Array, [size]), shapes);
}

/** The same, of values that lie end to end already. */
export function stacked(name: string, values: Tensor, shapes: readonly (readonly number[])[]): Record<string, Tensor> {
  const rank = shapes[0]!.length;
  if (rank === 0) return { [name]: values };
  const starts = [0];
  for (const shape of shapes) starts.push(starts.at(-1)! + shape.reduce((a, b) => a * b, 1));
  return {
    [name]: values,
    [`${name}.start`]: integers(starts, [starts.length]),
    [`${name}.shape`]: integers(shapes.flat(), [shapes.length, rank]),
  };
}
