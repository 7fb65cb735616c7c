import { attributeOf, type EditableModel, type Node } from "../onnx/editable-model.js";
import { biases } from "./biases.js";
import { floatColumns, floatRows } from "./stored-int8.js";

/** Numbers of a table of products: 64 MiB. */
const LARGEST = 2 ** 24;

/** Tables that rows are looked up in, and matrices that only meet matrices, are stored as int8 too. */
export function storeTables(model: EditableModel): void {
  const producers = model.producers();
  for (const { opType, input, attribute } of model.bodies().flatMap((b) => b.node!)) {
    const [left, right] = [0, 1].map((k) => model.constantMatrix(input![k] ?? "", producers));
    if (!left || left.turned) continue;
    const looksUp = opType === "Gather" && (attributeOf({ attribute }, "axis") ?? 0) === 0;
    const multiplies = opType === "MatMul" && right;
    if (looksUp || multiplies) input![0] = floatRows(model, left);
    if (multiplies) input![1] = floatColumns(model, right);
  }
}

/**
 * Where rows of a table are looked up and then multiplied by a matrix, the rows of the product are looked up instead: the
 * runtime multiplies table and matrix once, when it loads the model, and adds the bias. It takes memory, so large tables are
 * left.
 */
export function lookUpProducts(model: EditableModel): void {
  const producers = model.producers();
  for (const body of model.bodies()) {
    const biasOf = biases(model, body);
    const gone = new Set<Node>();
    const rewritten = body.node!.flatMap((node) => {
      if (node.opType !== "MatMul") return [node];
      const [rows, weight] = node.input as [string, string];
      const found = lookupOf(model, rows, producers);
      if (!found) return [node];
      const { table, indices, nodes } = found;
      const [left, right] = [model.constantMatrix(table, producers), model.constantMatrix(weight, producers)];
      if (!left || !right || left.turned || left.rows * right.columns > LARGEST) return [node];
      const key = `${left.name} × ${right.name}`;
      const product = model.folded(key, () =>
        model.node("MatMul", [floatRows(model, left), floatColumns(model, right)]),
      );
      const bias = biasOf(node.output![0]!);
      const sum = bias && model.folded(`${key} + ${bias.name}`, () => model.node("Add", [product, bias.name]));
      if (bias) gone.add(bias.sum);
      const output = (bias?.sum ?? node).output![0]!;
      return [...nodes, model.node("Gather", [sum ?? product, indices], { output, attributes: { axis: 0 } })];
    });
    body.node = rewritten.filter((node) => !gone.has(node));
  }
}

interface Lookup {
  readonly table: string;
  readonly indices: string;
  /** What is to be put in front of it. */
  readonly nodes: readonly Node[];
}

/** How a value is looked up in a table; where all its rows are then put one below the other, by indices put so. */
function lookupOf(model: EditableModel, value: string, producers: ReadonlyMap<string, Node>): Lookup | undefined {
  const node = producers.get(value);
  if (node?.opType === "Gather" && (attributeOf(node, "axis") ?? 0) === 0) {
    const [table, indices] = node.input as [string, string];
    return { table, indices, nodes: [] };
  }
  if (node?.opType !== "Reshape" || model.constantSize(node.input![1]!) !== 2) return undefined;
  const inner = lookupOf(model, node.input![0]!, producers);
  if (!inner || inner.nodes.length > 0) return undefined;
  const all = model.constant("all", () => ({ data: BigInt64Array.of(-1n), shape: [1] }));
  const flat = model.node("Reshape", [inner.indices, all]);
  return { table: inner.table, indices: flat.output![0]!, nodes: [flat] };
}
