import { Graph } from "./graph.js";
import type { Node, Value } from "./value.js";

/** Removes from a graph the nodes and initializers that no output depends on. */
export function prune(g: Graph): Graph {
  const used = new Set<Value>(g.outputs);
  const kept = [...g.nodes].reverse().filter((node) => {
    if (!node.outputs.some((v) => used.has(v))) return false;
    for (const value of readBy(node)) used.add(value);
    return true;
  });
  g.nodes.splice(0, g.nodes.length, ...kept.reverse());
  const initializers = g.initializers.filter((i) => used.has(i.value));
  g.initializers.splice(0, g.initializers.length, ...initializers);
  return g;
}

function readBy(node: Node): Value[] {
  const bodies = Object.values(node.attributes).filter((a) => a instanceof Graph);
  const inner = bodies.flatMap((b) => [...b.nodes.flatMap(readBy), ...b.outputs]);
  return [...node.inputs.filter((v) => v !== undefined), ...inner];
}
