import type { Body, EditableModel, Node } from "../onnx/editable-model.js";

/** Operators whose outputs hold elements of their first inputs, or zeros. */
const MOVES = new Set([
  "Gather",
  "Transpose",
  "Reshape",
  "Split",
  "Slice",
  "Identity",
  "Unsqueeze",
  "Squeeze",
  "Expand",
]);

/**
 * Which values are known to lie within −1…1 whatever the inputs are: what comes of tanh, sigmoid and softmax, products of
 * such, means of such weighted by a softmax, and the states of recurrences that begin and go on so. `given` are inputs of the
 * model that are known to.
 */
export function boundedValues(model: EditableModel, given: ReadonlySet<string>): (name: string) => boolean {
  const producers = model.producers();
  const origins = bodyInputs(model);
  // a state that is bounded if it was bounded one step before is bounded: assumed until shown otherwise
  const assumed = new Set<string>();
  const bounded = (name: string): boolean => {
    if (given.has(name) || assumed.has(name)) return true;
    const origin = origins.get(name);
    if (origin) {
      assumed.add(name);
      const all = origin.every(bounded);
      assumed.delete(name);
      return all;
    }
    const node = producers.get(name);
    return node !== undefined && byOperator(node, name);
  };
  const byOperator = (node: Node, name: string): boolean => {
    const input = node.input!;
    const [a, b, c] = input as [string, string, string];
    if (MOVES.has(node.opType!)) return bounded(a);
    switch (node.opType) {
      case "Tanh":
      case "Sigmoid":
      case "Softmax":
        return true;
      case "ConstantOfShape":
        return !node.attribute?.length; // zeros
      case "Mul":
        return bounded(a) && bounded(b);
      case "Where":
        return bounded(b) && bounded(c);
      case "Concat":
        return input.every(bounded);
      case "MatMul":
        return producers.get(a)?.opType === "Softmax" && bounded(b);
      case "LSTM": // the cell's state, its third output, is not
        return standard(node) && name !== node.output![2];
      case "GRU":
        return standard(node) && (!input[5] || bounded(input[5]));
      case "RNN":
        return standard(node);
      case "Scan":
      case "Loop":
        return bounded(resultInBody(node, name));
      case "If":
        return branchesOf(node).every((branch) => bounded(branch.output![node.output!.indexOf(name)]!.name!));
      default:
        return false;
    }
  };
  return bounded;
}

/** Whether a recurrent operator has its sigmoid and tanh. */
function standard(node: Node): boolean {
  return !node.attribute?.some((a) => a.name === "activations");
}

/** What the inputs of the bodies of Scan and Loop can be: what is handed in, and for a state what the step before made. */
function bodyInputs(model: EditableModel): Map<string, string[]> {
  const origins = new Map<string, string[]>();
  for (const node of model.bodies().flatMap((b) => b.node!)) {
    if (node.opType !== "Scan" && node.opType !== "Loop") continue;
    const body = bodyOf(node);
    const [names, results] = [body.input!, body.output!].map((values) => values.map((v) => v.name!)) as [
      string[],
      string[],
    ];
    const states = stateCount(node);
    // a Loop's first two inputs are its trip count and condition, its body's first output is its condition
    const [first, firstResult] = node.opType === "Loop" ? [2, 1] : [0, 0];
    names.slice(first).forEach((name, k) => {
      origins.set(name, [node.input![first + k]!, ...(k < states ? [results[firstResult + k]!] : [])]);
    });
  }
  return origins;
}

function resultInBody(node: Node, name: string): string {
  const skipped = node.opType === "Loop" ? 1 : 0;
  return bodyOf(node).output![skipped + node.output!.indexOf(name)]!.name!;
}

function bodyOf(node: Node): Body {
  return node.attribute!.find((a) => a.name === "body")!.g!;
}

function branchesOf(node: Node): Body[] {
  return node.attribute!.map((a) => a.g!);
}

function stateCount(node: Node): number {
  if (node.opType === "Loop") return node.input!.length - 2;
  return node.input!.length - Number(node.attribute!.find((a) => a.name === "num_scan_inputs")!.i);
}
