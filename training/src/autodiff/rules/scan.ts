import { bodyInput } from "../../onnx/control-flow.js";
import { Graph } from "../../onnx/graph.js";
import type { Node, Value } from "../../onnx/value.js";
import type { Adjoints, GradientRule, RuleContext } from "../rule.js";
import { rightGradient } from "./matmul.js";
import { takeTimeless } from "./timeless.js";

/**
 * Backpropagation through time: the gradient of a Scan is a Scan over the same steps in the other direction. It carries
 * the states' gradients, and reads what the forward steps saved: every value of the forward body that a rule asks for
 * becomes one more output of the forward Scan.
 *
 * A matrix W that every step multiplies by gets no gradient inside: the steps emit the gradients of their products, and
 * one product over all steps gives dW = Xᵀ · dZ. Other captured values accumulate theirs in a carried sum.
 */
export const scan: GradientRule = (c) => {
  const forward = forwardOf(c);
  const requires = bodyRequires(c, forward);
  const b = new Graph(c.g);
  const flowing = forward.states.flatMap((s, k) => (requires(s) ? [k] : []));
  const stateGradients = flowing.map((k) => bodyInput(b, forward.states[k]!, forward.states[k]!.shape));
  const given = forward.outputs.flatMap((_, k) => (c.gradients[forward.states.length + k] ? [k] : []));
  const outputGradients = given.map((k) => bodyInput(b, forward.outputs[k]!, forward.outputs[k]!.shape));

  const seeds: Adjoints = new Map();
  flowing.forEach((k, i) => void seeds.set(forward.nextStates[k]!, stateGradients[i]!));
  given.forEach((k, i) => void seeds.set(forward.outputs[k]!, outputGradients[i]!));
  const products: Product[] = [];
  const adjoints = c.backpropagate({
    g: b,
    nodes: forward.body.nodes,
    seeds,
    requires,
    defer: deferTo(products, forward),
  });

  const captured = [...adjoints.keys()].filter((v) => v.graph !== forward.body && v.graph !== b);
  const sums = captured.map((v) => bodyInput(b, v, v.shape));
  const wanted = forward.slices.flatMap((x, k) => (adjoints.has(x) ? [k] : []));
  const next = [
    ...flowing.map((k, i) => adjoints.get(forward.states[k]!) ?? b.zerosLike(stateGradients[i]!)),
    ...captured.map((v, i) => b.add(sums[i]!, adjoints.get(v)!)),
  ];
  // a gate's gradient is often that of its projected input and of its products too: it is emitted once
  const emitted = [
    ...new Set([...wanted.map((k) => adjoints.get(forward.slices[k]!)!), ...products.map((p) => p.gradient)]),
  ];
  for (const value of [...next, ...emitted]) b.result(value);

  const saved = saveForward(c, forward, { b, products });
  const carried = [...stateGradients, ...sums];
  b.inputs.splice(0, b.inputs.length, ...carried, ...outputGradients, ...saved.slices);
  const initial = [
    ...flowing.map((k) => c.gradients[k] ?? c.g.zerosLike(c.outputs[k]!)),
    ...captured.map((v) => c.g.zerosLike(v)),
  ];
  const scanned = [...given.map((k) => c.gradients[forward.states.length + k]!), ...saved.stacks];
  const direction = forward.reverse === 1 ? 0 : 1;
  const results = c.g.apply(
    "Scan",
    [...initial, ...scanned],
    {
      body: b,
      num_scan_inputs: scanned.length,
      scan_input_directions: scanned.map(() => direction),
      scan_output_directions: emitted.map(() => direction),
    },
    [
      ...carried.map((v) => ({ dtype: v.dtype, shape: v.shape })),
      ...emitted.map((v) => ({ dtype: v.dtype, shape: [forward.time, ...v.shape] })),
    ],
  );

  captured.forEach((v, i) => void c.contribute(v, results[flowing.length + i]!));
  const stacked = (v: Value) => results[carried.length + emitted.indexOf(v)]!;
  for (const p of products) {
    c.contribute(p.matrix, productGradient(c.g, p, saved.stackOf(p.left), stacked(p.gradient)));
  }
  return c.inputs.map((_, k) => {
    if (k < forward.states.length) return flowing.includes(k) ? results[flowing.indexOf(k)] : undefined;
    const slice = adjoints.get(forward.slices[k - forward.states.length]!);
    return slice && stacked(slice);
  });
};

interface Forward {
  readonly body: Graph;
  readonly states: readonly Value[];
  readonly slices: readonly Value[];
  readonly nextStates: readonly Value[];
  readonly outputs: readonly Value[];
  readonly reverse: number;
  readonly time: number | string;
}

/** left · matrix inside the body, where the matrix is the same at every step; and ∂loss/∂product. */
interface Product {
  readonly left: Value;
  readonly matrix: Value;
  readonly gradient: Value;
}

function forwardOf({ node, inputs }: RuleContext): Forward {
  const body = node.attributes.body as Graph;
  const states = inputs.length - (node.attributes.num_scan_inputs as number);
  return {
    body,
    states: body.inputs.slice(0, states),
    slices: body.inputs.slice(states),
    nextStates: body.outputs.slice(0, states),
    outputs: body.outputs.slice(states),
    reverse: (node.attributes.scan_input_directions as readonly number[])[0]!,
    time: inputs.at(-1)!.shape[0]!,
  };
}

/** What inside the body depends on what is differentiated for; a state does if its next value does. */
function bodyRequires(c: RuleContext, f: Forward): (v: Value) => boolean {
  const marked = new Set(f.body.inputs.filter((_, k) => c.requires(c.inputs[k]!)));
  const has = (v: Value) => marked.has(v) || (v.graph !== f.body && c.requires(v));
  for (let before = -1; before !== marked.size; ) {
    before = marked.size;
    for (const node of f.body.nodes) {
      if (!node.inputs.some((v) => v && has(v))) continue;
      for (const output of node.outputs) if (output.dtype === "float32") marked.add(output);
    }
    f.states.forEach((state, k) => void (has(f.nextStates[k]!) && marked.add(state)));
  }
  return has;
}

function deferTo(products: Product[], f: Forward) {
  return (node: Node, input: number, gradient: Value): boolean => {
    const [left, matrix] = node.inputs;
    if (node.op !== "MatMul" || input !== 1 || matrix!.graph === f.body || left!.graph !== f.body) return false;
    products.push({ left: left!, matrix: matrix!, gradient });
    return true;
  };
}

/**
 * Makes the forward Scan output what the backward body reads of it, and gives the backward body inputs for it. What follows
 * from that without a gradient is computed between the two, for all steps at once.
 */
function saveForward(c: RuleContext, f: Forward, { b, products }: { b: Graph; products: readonly Product[] }) {
  const timeless = takeTimeless(b, f.body);
  const stacks = new Map<Value, Value>();
  const slices = new Map<Value, Value>();
  const stackOf = (v: Value): Value => {
    const known = stacks.get(v);
    if (known) return known;
    const stack = stackedBefore(c, f, v) ?? computed(v) ?? saved(v);
    stacks.set(v, stack);
    return stack;
  };
  const computed = (v: Value): Value | undefined => {
    const node = timeless.get(v);
    if (!node) return undefined;
    const inputs = node.inputs.map((x) => (differs(x!) ? stackOf(x!) : x));
    return c.g.apply(node.op, inputs, node.attributes, [{ dtype: v.dtype, shape: [f.time, ...v.shape] }])[0];
  };
  const saved = (v: Value): Value => {
    f.body.result(v);
    const stack = c.node.outputs[0]!.graph.value(v.dtype, [f.time, ...v.shape], "saved");
    c.node.outputs.push(stack);
    (c.node.attributes.scan_output_directions as number[]).push(f.reverse);
    return stack;
  };
  const differs = (v: Value) => v.graph === f.body || timeless.has(v);
  for (const inner of b.nodes) {
    inner.inputs = inner.inputs.map((v) => {
      if (!v || !differs(v)) return v;
      if (!slices.has(v)) slices.set(v, bodyInput(b, v, v.shape));
      return slices.get(v);
    });
  }
  const scanned = [...slices.keys()].map(stackOf);
  for (const p of products) stackOf(p.left);
  return { slices: [...slices.values()], stacks: scanned, stackOf };
}

/** A value of the forward body for all its steps, where it is at hand: what was scanned, and what came out. */
function stackedBefore(c: RuleContext, f: Forward, v: Value): Value | undefined {
  const slice = f.slices.indexOf(v);
  if (slice >= 0) return c.inputs[f.states.length + slice];
  const output = f.outputs.indexOf(v);
  return output < 0 ? undefined : c.node.outputs[f.states.length + output];
}

/** Σₜ Xₜᵀ · dZₜ: the steps are laid side by side, [time, batch, m, k] → [batch, time·m, k]. */
function productGradient(g: Graph, { matrix }: Product, x: Value, dz: Value): Value {
  if (matrix.shape.length === 2) return rightGradient(g, x, matrix, dz);
  const aside = (v: Value): Value => {
    const [, batch, m, k] = v.shape;
    return g.reshape(g.transpose(v, [1, 0, 2, 3]), [batch!, m === 1 ? v.shape[0]! : "time·m", k!]);
  };
  return rightGradient(g, aside(x), matrix, aside(dz));
}
