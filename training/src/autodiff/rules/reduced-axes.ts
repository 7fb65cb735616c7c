import type { Graph } from "../../onnx/graph.js";
import type { Node, Value } from "../../onnx/value.js";

/** The axes that a reduction sums over; all of them when it names none. */
export function reducedAxes(node: Node, x: Value): number[] {
  const axes = node.inputs[1];
  if (!axes) return x.shape.map((_, k) => k);
  const known = axes.graph.root.initializers.find((i) => i.value === axes);
  if (!known) throw new Error(`${node.op}: the axes must be a constant`);
  return Array.from(known.data as BigInt64Array, Number);
}

/** A reduced value with its reduced axes back as 1, so that it broadcasts against x. */
export function restoreAxes(g: Graph, y: Value, x: Value, axes: readonly number[]): Value {
  if (y.shape.length === x.shape.length) return y;
  return [...axes].sort((a, b) => a - b).reduce((value, axis) => g.unsqueeze(value, axis), y);
}
