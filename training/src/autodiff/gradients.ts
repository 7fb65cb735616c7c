import { Graph } from "../onnx/graph.js";
import type { Node, Value } from "../onnx/value.js";
import { describe } from "../onnx/value.js";
import { type Adjoints, type BackpropagateOptions, NoGradientRuleError } from "./rule.js";
import { RULES, WITHOUT_GRADIENT } from "./rules/index.js";

/**
 * Reverse-mode automatic differentiation: adds to `g` the nodes that compute ∂loss/∂x for each x.
 * @param loss a float32 scalar of g
 * @returns gradients in the order and the shapes of `values`
 * @throws NoGradientRuleError naming the operator, when one on the way has no rule
 */
export function gradients(g: Graph, loss: Value, values: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) throw new Error(`the loss must be a scalar, not ${describe(loss)}`);
  return gradientsFrom(g, new Map([[loss, g.float(1)]]), values);
}

/** The same where ∂loss/∂v is known already for some values v, on which alone the loss depends. */
export function gradientsFrom(g: Graph, seeds: ReadonlyMap<Value, Value>, values: readonly Value[]): Value[] {
  const nodes = [...g.nodes];
  const requires = dependents(nodes, values);
  const adjoints = backpropagate({ g, nodes, seeds, requires: (v) => requires.has(v) });
  return values.map((v) => adjoints.get(v) ?? g.zerosLike(v));
}

/** All float32 values that depend on one of the given. */
function dependents(nodes: readonly Node[], values: readonly Value[]): Set<Value> {
  const marked = new Set(values);
  for (const node of nodes) {
    if (WITHOUT_GRADIENT.has(node.op) || !usedBy(node).some((v) => marked.has(v))) continue;
    for (const output of node.outputs) if (output.dtype === "float32") marked.add(output);
  }
  return marked;
}

/** The values a node reads, those captured by its bodies included. */
function usedBy(node: Node): Value[] {
  const bodies = Object.values(node.attributes).filter((a) => a instanceof Graph);
  const captured = bodies.flatMap((b) => b.nodes.flatMap(usedBy).filter((v) => v.graph !== b));
  return [...node.inputs.filter((v) => v !== undefined), ...captured];
}

function backpropagate(options: BackpropagateOptions): Adjoints {
  const { g, nodes, seeds, requires, defer } = options;
  const adjoints: Adjoints = new Map(seeds);
  const contribute = (value: Value, gradient: Value) => {
    const known = adjoints.get(value);
    adjoints.set(value, known ? g.add(known, gradient) : gradient);
  };
  for (const node of [...nodes].reverse()) {
    const incoming = node.outputs.map((v) => adjoints.get(v));
    if (WITHOUT_GRADIENT.has(node.op) || !incoming.some(Boolean) || !usedBy(node).some(requires)) continue;
    const rule = RULES[node.op];
    if (!rule) throw new NoGradientRuleError(node.op);
    const inputs = node.inputs.map((v) => v!); // a rule knows which of its operator's inputs may be left out
    const required = node.inputs.map((v) => v !== undefined && requires(v));
    const deferred = required.map((r, k) => r && incoming[0] !== undefined && !!defer?.(node, k, incoming[0]));
    const needs = (k: number) => required[k]! && !deferred[k];
    const results = rule({
      g,
      node,
      inputs,
      outputs: [...node.outputs],
      gradients: incoming,
      needs,
      contribute,
      requires,
      backpropagate,
    });
    results.forEach((gradient, k) => {
      if (gradient && needs(k)) contribute(inputs[k]!, gradient);
    });
  }
  return adjoints;
}
