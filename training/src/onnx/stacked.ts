import type { Graph } from "./graph.js";
import { int64, type Tensor, tensor } from "./runtime.js";
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
  const { type, dims } = tensors[0]!;
  const starts = new BigInt64Array(tensors.length + 1);
  tensors.forEach((t, k) => {
    starts[k + 1] = starts[k]! + BigInt(t.size);
  });
  const size = Number(starts[tensors.length]);
  const values = type === "int64" ? new BigInt64Array(size) : new Float32Array(size);
  for (const [k, t] of tensors.entries()) values.set(t.data as never, Number(starts[k]));
  const stacked = { [name]: tensor(type as "float32", values as Float32Array, [size]) };
  if (dims.length === 0) return stacked;
  const shapes = BigInt64Array.from(
    tensors.flatMap((t) => [...t.dims]),
    BigInt,
  );
  return {
    ...stacked,
    [`${name}.start`]: int64(starts, [tensors.length + 1]),
    [`${name}.shape`]: int64(shapes, [tensors.length, dims.length]),
  };
}
