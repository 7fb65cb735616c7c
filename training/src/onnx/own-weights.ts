import { type Body, bodiesOf, type EditableModel, type Node } from "./editable-model.js";

/** Products, whose second operand the runtime lays out for its kernels once, when it loads a model, if it finds it there. */
const PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "Gemm", "MatMulIntegerToFloat"]);
/** From this depth on a body's products find no constants of the main graph. */
const TOO_DEEP = 2;
/** Numbers of all copies together, beyond which none is made: 256 MiB of floats. */
const LARGEST = 2 ** 26;

interface Found {
  readonly body: Body;
  readonly node: Node;
  readonly weight: string;
}

/**
 * Bodies within bodies get matrices of their own for what they multiply by. ONNX Runtime (1.30) packs a constant matrix ahead when it
 * belongs to the graph of the product or to the one right around it; of one further out it makes the packed form anew at every product, which
 * with a single row takes six times as long as the product itself. A copy is a Reshape to the same shape: the runtime makes it when it loads the
 * model, and the file stays as small as it was. Copies take memory, so those of very large models are left.
 */
export function ownWeights(model: EditableModel): void {
  const producers = model.producers();
  const found = deepProducts(model.main, 0).filter(
    ({ weight }) => model.constantLength(weight, producers) !== undefined,
  );
  const numbers = found.reduce((sum, { weight }) => sum + model.constantLength(weight, producers)!, 0);
  if (numbers > LARGEST) return;
  for (const { body, node, weight } of found) {
    const copy = model.node("Reshape", [weight, model.sameShape()]);
    node.input![1] = copy.output![0]!;
    body.node!.splice(body.node!.indexOf(node), 0, copy);
  }
}

/** Products in deep bodies with operands from outside of the body. */
function deepProducts(body: Body, depth: number): Found[] {
  const own = new Set(body.node!.flatMap((node) => node.output!));
  return body.node!.flatMap((node) => {
    const inner = bodiesOf(node).flatMap((b) => deepProducts(b, depth + 1));
    const weight = node.input![1];
    const outside = PRODUCTS.has(node.opType!) && weight && !own.has(weight);
    return [...inner, ...(depth >= TOO_DEEP && outside ? [{ body, node, weight }] : [])];
  });
}
