import type { Body, EditableModel, Node } from "../onnx/editable-model.js";
import { stacked } from "../onnx/matrix.js";
import { stackedKey } from "./keys.js";

/**
 * x W + y V, anywhere in one sum, becomes [x, y] times W over V: one product of matrices in place of two. x and y must have
 * as many rows, as they have in a recurrent cell.
 */
export function mergeProducts(model: EditableModel): void {
  for (const body of model.bodies()) while (mergeOne(model, body));
}

function mergeOne(model: EditableModel, body: Body): boolean {
  const readers = model.readers();
  const producers = model.producers();
  const own = new Set(body.node);
  const once = (name: string) => readers.get(name) === 1;
  const productOf = (name: string) => {
    const node = producers.get(name);
    if (node?.opType !== "MatMul" || !own.has(node) || !once(name)) return undefined;
    const weight = model.constantMatrix(node.input![1]!, producers);
    return weight && { node, weight };
  };
  for (const outer of body.node!) {
    if (outer.opType !== "Add") continue;
    const [product, inner] = split(outer, productOf);
    const innerNode = inner === undefined ? undefined : producers.get(inner);
    if (!product || innerNode?.opType !== "Add" || !once(inner!)) continue;
    const [other, rest] = split(innerNode, productOf);
    if (!other || rest === undefined || other.weight.columns !== product.weight.columns) continue;
    const weight = model.constant(stackedKey([other.weight, product.weight]), () => {
      const { data, rows, columns } = stacked([other.weight, product.weight]);
      return { data, shape: [rows, columns] };
    });
    const joined = model.node("Concat", [other.node.input![0]!, product.node.input![0]!], { attributes: { axis: -1 } });
    const merged = model.node("MatMul", [joined.output![0]!, weight]);
    const sum = model.node("Add", [rest, merged.output![0]!], { output: outer.output![0]! });
    const gone = new Set<Node>([innerNode, other.node, product.node]);
    body.node = body.node!.flatMap((n) => (n === outer ? [joined, merged, sum] : gone.has(n) ? [] : [n]));
    return true;
  }
  return false;
}

/** A sum's product of matrices, and its other term. */
function split<P>(sum: Node, productOf: (name: string) => P | undefined): [P | undefined, string | undefined] {
  const [a, b] = sum.input as [string, string];
  const product = productOf(b);
  if (product) return [product, a];
  return [productOf(a), b];
}
