import type { EditableModel } from "./editable-model.js";

/**
 * Products of two values that both come of the input, as attention has them: each row of the left one is multiplied by
 * itself. ONNX Runtime sums in another order when there are more rows, and the last bit of a float32, rounded to int8, is no
 * longer the last; so the result of a row would depend on how many there are.
 */
export function separateRows(model: EditableModel): void {
  const producers = model.producers();
  const axis = (value: number) =>
    model.constant(`axis ${value}`, () => ({ data: BigInt64Array.of(BigInt(value)), shape: [1] }));
  for (const body of model.bodies()) {
    body.node = body.node!.flatMap((node) => {
      const [left, right] = node.input as [string, string];
      if (node.opType !== "MatMul" || [left, right].some((name) => model.constantMatrix(name, producers)))
        return [node];
      const rows = model.node("Unsqueeze", [left, axis(-2)]); // [..., n, 1, k]
      const shared = model.node("Unsqueeze", [right, axis(-3)]); // [..., 1, k, m]
      const products = model.node("MatMul", [rows.output![0]!, shared.output![0]!]); // [..., n, 1, m]
      return [
        rows,
        shared,
        products,
        model.node("Squeeze", [products.output![0]!, axis(-2)], { output: node.output![0]! }),
      ];
    });
  }
}
