import type { Graph } from "../../onnx/graph.js";
import type { Node, Value } from "../../onnx/value.js";

/** Operators that do to all steps side by side what they do to one: operands stacked along time broadcast as before. */
const ELEMENTWISE: ReadonlySet<string> = new Set(["Add", "Sub", "Mul", "Neg"]);

/**
 * Takes out of the body of a backward scan the elementwise nodes that no gradient flows through, such as σ · (1 − σ): they
 * follow from what the forward steps made, so they can be computed for all steps at once. So that as many as possible do,
 * (dy · r) · s becomes dy · (r · s) where r and s are of that kind.
 * @param body of the forward scan
 * @returns the nodes by what they make
 */
export function takeTimeless(b: Graph, body: Graph): Map<Value, Node> {
  const timeless = new Map<Value, Node>();
  const saved = (v: Value) => v.graph === body || timeless.has(v);
  const flowing = (v: Value) => v.graph === b && !timeless.has(v);
  const readers = countReaders(b);
  /** dy · r that one node alone reads */
  const scaled = new Map<Value, { node: Node; dy: Value; r: Value }>();
  const kept = new Set<Node>();
  for (const node of b.nodes) {
    const [x, y] = node.inputs as Value[];
    const [output] = node.outputs as [Value];
    const inputs = node.inputs as Value[];
    if (!ELEMENTWISE.has(node.op) || !alongTime(inputs.filter(saved), output)) {
      kept.add(node);
    } else if (!inputs.some(flowing)) {
      timeless.set(output, node);
    } else {
      kept.add(node);
      if (node.op !== "Mul" || flowing(x!) === flowing(y!)) continue;
      const [dy, s] = flowing(x!) ? [x!, y!] : [y!, x!];
      const first = scaled.get(dy);
      if (first && sameShape(first.r, s)) {
        const rs = b.mul(first.r, s);
        timeless.set(rs, b.nodes.pop()!);
        kept.delete(first.node);
        node.inputs = [first.dy, rs];
        scaled.set(output, { node, dy: first.dy, r: rs });
      } else scaled.set(output, { node, dy, r: s });
      if (readers.get(output) !== 1) scaled.delete(output);
    }
  }
  b.nodes.splice(0, b.nodes.length, ...[...b.nodes].filter((n) => kept.has(n)));
  return timeless;
}

function countReaders(b: Graph): Map<Value, number> {
  const readers = new Map<Value, number>();
  for (const v of [...b.nodes.flatMap((n) => n.inputs), ...b.outputs]) if (v) readers.set(v, (readers.get(v) ?? 0) + 1);
  return readers;
}

/** Whether operands that differ from step to step may get an axis in front: the result has no more axes than each of them. */
function alongTime(operands: readonly Value[], output: Value): boolean {
  return operands.length > 0 && operands.every((v) => v.shape.length === output.shape.length);
}

function sameShape(a: Value, b: Value): boolean {
  return a.shape.length === b.shape.length && a.shape.every((d, k) => d === b.shape[k]);
}
