import type { Graph } from "../onnx/graph.js";
import type { Node, Value } from "../onnx/value.js";

/** What a gradient rule sees of the node it differentiates. */
export interface RuleContext {
  /** Where gradient nodes are added; it sees every value of the forward graph. */
  readonly g: Graph;
  readonly node: Node;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** ∂loss/∂output; undefined where the loss does not depend on that output. */
  readonly gradients: readonly (Value | undefined)[];
  /** Whether ∂loss/∂input k is wanted. */
  readonly needs: (k: number) => boolean;
  /** Adds to the gradient of a value that is not an input of the node but is captured by its body. */
  readonly contribute: (value: Value, gradient: Value) => void;
  /** Whether a value depends on what is differentiated for. */
  readonly requires: (value: Value) => boolean;
  /** Reverse accumulation over other nodes, for the rule of an operator with a body. */
  readonly backpropagate: (options: BackpropagateOptions) => Adjoints;
}

/** ∂loss/∂input for each input; undefined where it is not wanted or zero. */
export type GradientRule = (c: RuleContext) => readonly (Value | undefined)[];

export interface BackpropagateOptions {
  readonly g: Graph;
  readonly nodes: readonly Node[];
  /** ∂loss/∂value to start from. */
  readonly seeds: ReadonlyMap<Value, Value>;
  readonly requires: (value: Value) => boolean;
  /** Takes over the gradient of a node's input where it can be had more cheaply; true when it did. */
  readonly defer?: (node: Node, input: number, gradient: Value) => boolean;
}

export type Adjoints = Map<Value, Value>;

/** An operator was to be differentiated that has no gradient rule. */
export class NoGradientRuleError extends Error {
  override readonly name = "NoGradientRuleError";
  constructor(readonly operator: string) {
    super(`operator ${operator} has no gradient rule`);
  }
}

/** Sums a gradient over the axes along which its value was broadcast. */
export function unbroadcast(g: Graph, gradient: Value, value: Value): Value {
  const extra = gradient.shape.length - value.shape.length;
  const lead = Array.from({ length: extra }, (_, k) => k);
  const summed = extra > 0 ? g.sum(gradient, lead) : gradient;
  const ones = value.shape.flatMap((d, k) => (d === 1 && summed.shape[k] !== 1 ? [k] : []));
  return ones.length > 0 ? g.sum(summed, ones, 1) : summed;
}
