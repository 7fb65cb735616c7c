import { Graph } from "./graph.js";
import type { Dim, DType, Node, Value } from "./value.js";

/** The sizes that are known only when a graph runs, by name. */
export type Sizes = Readonly<Record<string, number>>;

const BYTES: Record<DType, number> = { float32: 4, int64: 8, int32: 4, bool: 1, float16: 2, uint8: 1 };
/** Operators whose result is their first input under another shape. */
const VIEWS = new Set(["Reshape", "Squeeze", "Unsqueeze", "Identity"]);

/**
 * Bytes that a run of the graph holds at once, at most: what is made and still to be used, nodes taken in the order of the
 * graph; of a body, one step. The graph's inputs and outputs are not counted: they belong to who runs it. An estimate: the
 * runtime may take the nodes in another order, overwrite an input that is not needed again, and keep freed memory.
 */
export function liveMemory(g: Graph): (sizes: Sizes) => number {
  const plan = planOf(g);
  return (sizes) => {
    let [now, most] = [0, 0];
    for (const { made, freed, body } of plan) {
      now += made.reduce((sum, v) => sum + bytesOf(v, sizes), 0);
      most = Math.max(most, now + (body?.(sizes) ?? 0));
      now -= freed.reduce((sum, v) => sum + bytesOf(v, sizes), 0);
    }
    return most;
  };
}

interface Step {
  readonly made: readonly Value[];
  readonly freed: readonly Value[];
  readonly body: ((sizes: Sizes) => number) | undefined;
}

function planOf(g: Graph): Step[] {
  const storage = storageOf(g);
  const own = new Set(g.nodes.flatMap((node) => node.outputs));
  for (const v of g.outputs) own.delete(storage.get(v) ?? v);
  const stored = (values: readonly Value[]) =>
    [...new Set(values.map((v) => storage.get(v) ?? v))].filter((v) => own.has(v));
  const alive = new Set<Value>();
  // from the end: the first use that is met is the last
  return [...g.nodes]
    .reverse()
    .map((node) => {
      const made = stored(node.outputs).filter((v) => node.outputs.includes(v));
      const freed = [...new Set([...stored(readBy(node)), ...made])].filter((v) => !alive.has(v));
      for (const v of freed) alive.add(v);
      const inner = bodiesOf(node).map(liveMemory);
      const body = inner.length > 0 ? (sizes: Sizes) => Math.max(...inner.map((of) => of(sizes))) : undefined;
      return { made, freed, body };
    })
    .reverse();
}

/** For each view, the value whose memory it is. */
function storageOf(g: Graph): Map<Value, Value> {
  const storage = new Map<Value, Value>();
  for (const { op, inputs, outputs } of g.nodes) {
    if (VIEWS.has(op) && inputs[0]) storage.set(outputs[0]!, storage.get(inputs[0]) ?? inputs[0]);
  }
  return storage;
}

function bodiesOf(node: Node): Graph[] {
  return Object.values(node.attributes).filter((a) => a instanceof Graph);
}

function readBy(node: Node): Value[] {
  const inner = bodiesOf(node).flatMap((b) => [...b.nodes.flatMap(readBy), ...b.outputs]);
  return [...node.inputs.filter((v) => v !== undefined), ...inner];
}

function bytesOf({ dtype, shape }: Value, sizes: Sizes): number {
  return shape.reduce<number>((bytes, dim) => bytes * sizeOf(dim, sizes), BYTES[dtype]);
}

/** The number of sentences; every other size is a length. */
const BATCH = "B";

/** A size by its name, of a sum or product by its parts; what a graph computes on its own is taken for the longest length. */
function sizeOf(dim: Dim, sizes: Sizes): number {
  if (typeof dim === "number") return dim;
  if (dim.includes("+")) return dim.split("+").reduce((sum, part) => sum + sizeOf(part, sizes), 0);
  if (dim.includes("*")) return dim.split("*").reduce((product, part) => product * sizeOf(part, sizes), 1);
  return sizes[dim] ?? (/^\d+$/.test(dim) ? Number(dim) : longest(sizes));
}

function longest(sizes: Sizes): number {
  const lengths = Object.keys(sizes).filter((name) => name !== BATCH);
  return Math.max(...(lengths.length > 0 ? lengths : [BATCH]).map((name) => sizes[name]!));
}
