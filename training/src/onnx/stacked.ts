import type { Graph } from "./graph.js";
import { integers, type Tensor, tensor } from "./runtime.js";
import type { DType, Shape, Value } from "./value.js";

/**
 * Tensors of one kind and of different sizes in one input of a graph, of which a loop takes one each time. With it go
 * `<name>.start` and `<name>.end` int64 [n], where each lies, and `<name>.shape` int64 [n, rank]. Scalars are a plain float32 [n].
 */
export function takeStacked(
  graph: { readonly outer: Graph; readonly body: Graph; readonly iteration: Value },
  { name, dtype, shape }: { name: string; dtype: DType; shape: Shape },
): Value {
  const { outer, body, iteration } = graph;
  const values = outer.input(name, dtype, [`${name}.size`]);
  if (shape.length === 0) return body.gather(values, iteration);
  const place = (which: string) =>
    body.sizes([body.gather(outer.input(`${name}.${which}`, "int64", ["steps"]), iteration)]);
  const shapes = outer.input(`${name}.shape`, "int64", ["steps", shape.length]);
  const bounds = [place("start"), place("end"), body.ints([0])];
  const [flat] = body.apply("Slice", [values, ...bounds], {}, [{ dtype, shape: [`${name}.size`] }]);
  return body.apply("Reshape", [flat, body.gather(shapes, iteration)], {}, [{ dtype, shape }])[0]!;
}

/** What to feed for `takeStacked`: tensors of one type and rank, laid end to end. */
export function stack(name: string, tensors: readonly Tensor[]): Record<string, Tensor> {
  const { type } = tensors[0]!;
  const size = tensors.reduce((sum, t) => sum + t.size, 0);
  const values = type === "int64" ? new BigInt64Array(size) : new Float32Array(size);
  let end = 0;
  const places = tensors.map((t) => {
    const start = end;
    values.set(t.data as never, start);
    end += t.size;
    return { start, end, shape: t.dims };
  });
  return stacked(name, tensor(type as "float32", values as Float32Array, [size]), places);
}

/** Where in a flat tensor another one lies. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly shape: readonly number[];
}

/** The same, of values that are in place already. They may overlap. */
export function stacked(name: string, values: Tensor, places: readonly Place[]): Record<string, Tensor> {
  const rank = places[0]!.shape.length;
  if (rank === 0) return { [name]: values };
  const of = (numbers: readonly number[]) => integers(numbers, [places.length]);
  return {
    [name]: values,
    [`${name}.start`]: of(places.map(({ start }) => start)),
    [`${name}.end`]: of(places.map(({ end }) => end)),
    [`${name}.shape`]: integers(
      places.flatMap(({ shape }) => shape),
      [places.length, rank],
    ),
  };
}
