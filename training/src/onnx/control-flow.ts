import { Graph } from "./graph.js";
import type { Dim, Value } from "./value.js";

export interface ScanOptions {
  /** Carried from step to step; their shapes do not change. */
  readonly states: readonly Value[];
  /** Sliced along axis 0, one slice a step. */
  readonly scanned: readonly Value[];
  /** From the last step to the first; outputs stay in the order of the input. */
  readonly reverse?: 0 | 1;
  readonly body: (b: Graph, states: Value[], slices: Value[]) => { states: Value[]; outputs: Value[] };
}

/** A recurrence over axis 0. Returns the last states, and the outputs stacked along axis 0. */
export function scan(g: Graph, options: ScanOptions): { states: Value[]; outputs: Value[] } {
  const b = new Graph(g);
  const states = options.states.map((s) => bodyInput(b, s, s.shape));
  const slices = options.scanned.map((x) => bodyInput(b, x, x.shape.slice(1)));
  const result = options.body(b, states, slices);
  for (const value of [...result.states, ...result.outputs]) b.result(value);
  const time = options.scanned[0]!.shape[0]!;
  const reverse = options.reverse ?? 0;
  const outputs = g.apply(
    "Scan",
    [...options.states, ...options.scanned],
    {
      body: b,
      num_scan_inputs: slices.length,
      scan_input_directions: slices.map(() => reverse),
      scan_output_directions: result.outputs.map(() => reverse),
    },
    [
      ...options.states.map((s) => ({ dtype: s.dtype, shape: s.shape })),
      ...result.outputs.map((o) => ({ dtype: o.dtype, shape: [time, ...o.shape] })),
    ],
  );
  return { states: outputs.slice(0, states.length), outputs: outputs.slice(states.length) };
}

export interface LoopOptions {
  /** int64 scalar. */
  readonly tripCount: Value;
  readonly carried: readonly Value[];
  readonly body: (b: Graph, iteration: Value, carried: Value[]) => { carried: Value[]; outputs: Value[] };
  /** Name of the size of axis 0 of the outputs. */
  readonly steps: Dim;
}

/** A loop of `tripCount` steps. Returns the last carried values, and the outputs stacked along axis 0. */
export function loop(g: Graph, options: LoopOptions): { carried: Value[]; outputs: Value[] } {
  const b = new Graph(g);
  const iteration = b.input(b.value("int64", [], "iteration").name, "int64", []);
  const condition = b.input(b.value("bool", [], "condition").name, "bool", []);
  const carried = options.carried.map((c) => bodyInput(b, c, c.shape));
  const result = options.body(b, iteration, carried);
  for (const value of [condition, ...result.carried, ...result.outputs]) b.result(value);
  const outputs = g.apply("Loop", [options.tripCount, g.constant([1], "bool", []), ...options.carried], { body: b }, [
    ...options.carried.map((c) => ({ dtype: c.dtype, shape: c.shape })),
    ...result.outputs.map((o) => ({ dtype: o.dtype, shape: [options.steps, ...o.shape] })),
  ]);
  return { carried: outputs.slice(0, carried.length), outputs: outputs.slice(carried.length) };
}

/** One of two branches by a bool scalar; both give values of the same types and shapes. */
export function branch(
  g: Graph,
  condition: Value,
  branches: { yes: (b: Graph) => Value[]; no: (b: Graph) => Value[] },
): Value[] {
  const build = (make: (b: Graph) => Value[]) => {
    const b = new Graph(g);
    for (const value of make(b)) b.result(value);
    return b;
  };
  const [yes, no] = [build(branches.yes), build(branches.no)];
  return g.apply(
    "If",
    [condition],
    { then_branch: yes, else_branch: no },
    yes.outputs.map((o) => ({ dtype: o.dtype, shape: o.shape })),
  );
}

export function bodyInput(b: Graph, like: Value, shape: readonly Dim[]): Value {
  return b.input(b.value(like.dtype, shape, "in").name, like.dtype, shape);
}
