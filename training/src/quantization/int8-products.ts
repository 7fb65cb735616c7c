import { attributeOf, type EditableModel, type Node, UINT8 } from "../onnx/editable-model.js";
import { biases } from "./biases.js";
import type { StoredInt8 } from "./keys.js";
import { gatheredColumns, int8Columns } from "./stored-int8.js";

/** A matrix of fewer columns stays as it is: rounding its input would cost more than it saves. */
const FEWEST_COLUMNS = 16;
/** Activations are rounded to −127…127, and 128 is added: the runtime is fast for uint8 against int8 only. */
const ACTIVATION_LEVELS = 127;
const ZERO_POINT = 128;

/**
 * Products with a constant matrix, x W, in whole numbers: every row of x is rounded to a scale s of its own, and every column of
 * W to its own. No other row of a batch has a part in a row's result.
 *
 *   x W ≈ s · (round(x / s) · W₈) · scales,    s = max |x| / 127, or 1 / 127 where |x| ≤ 1 is known
 */
export function int8Products(model: EditableModel, bounded: (name: string) => boolean): void {
  const producers = model.producers();
  for (const body of model.bodies()) {
    const biasOf = biases(model, body);
    const gone = new Set<Node>();
    const nodes = body.node!.flatMap((node) => {
      if (node.opType !== "MatMul") return [node];
      const [x, weight] = node.input as [string, string];
      const stored = storedWeight(model, weight, producers);
      if (!stored || model.constantMatrix(x, producers)) return [node];
      const output = node.output![0]!;
      if (!bounded(x)) return product(model, { x, stored, output });
      const bias = biasOf(output);
      if (bias) gone.add(bias.sum);
      const result = (bias?.sum ?? node).output![0]!;
      return productOfBounded(model, { x, stored, output: result, bias: bias?.name });
    });
    body.node = nodes.filter((node) => !gone.has(node));
  }
}

/** The int8 of a weight: of a constant matrix, or of the columns of one that are gathered when the graph runs. */
function storedWeight(
  model: EditableModel,
  weight: string,
  producers: ReadonlyMap<string, Node>,
): StoredInt8 | undefined {
  const matrix = model.constantMatrix(weight, producers);
  if (matrix) return matrix.columns < FEWEST_COLUMNS ? undefined : int8Columns(model, matrix);
  const turn = producers.get(weight);
  const gather = turn?.opType === "Transpose" ? producers.get(turn.input![0]!) : undefined;
  if (gather?.opType !== "Gather" || (attributeOf(gather, "axis") ?? 0) !== 0) return undefined;
  const [table, columns] = gather.input as [string, string];
  const rows = model.constantMatrix(table, producers);
  return rows && gatheredColumns(model, rows, columns);
}

interface Product {
  readonly x: string;
  readonly stored: StoredInt8;
  readonly output: string;
}

function productOfBounded(
  model: EditableModel,
  { x, stored, output, bias }: Product & { bias: string | undefined },
): Node[] {
  const scale = number(model, 1 / ACTIVATION_LEVELS);
  const whole = model.node("QuantizeLinear", [x, scale, zeroPoint(model)]);
  return [whole, integerProduct(model, { whole: whole.output![0]!, scale, stored, output, bias })];
}

function product(model: EditableModel, { x, stored, output }: Product): Node[] {
  const nodes: Node[] = [];
  const apply = (op: string, input: string[], attributes: Record<string, number> = {}): string => {
    const node = model.node(op, input, { attributes });
    nodes.push(node);
    return node.output![0]!;
  };
  const last = model.constant("last axis", () => ({ data: BigInt64Array.of(-1n), shape: [1] }));
  const largest = apply("ReduceMax", [apply("Abs", [x]), last], { keepdims: 1 });
  // a row of zeros is divided by something
  const scale = apply("Max", [apply("Mul", [largest, number(model, 1 / ACTIVATION_LEVELS)]), number(model, 1e-30)]);
  const rounded = apply("Round", [apply("Div", [x, scale])]);
  const whole = apply("Cast", [apply("Add", [rounded, number(model, ZERO_POINT)])], { to: UINT8 });
  const sums = integerProduct(model, { whole, scale: number(model, 1), stored });
  return [...nodes, sums, model.node("Mul", [sums.output![0]!, scale], { output })];
}

interface IntegerProduct {
  /** uint8 */
  readonly whole: string;
  readonly scale: string;
  readonly stored: StoredInt8;
  readonly bias?: string | undefined;
  readonly output?: string;
}

/** (whole − 128) · W₈ · scale · scales + bias, float32; ONNX Runtime's own operator for it scales within the product. */
function integerProduct(model: EditableModel, { whole, scale, stored, bias, output }: IntegerProduct): Node {
  const input = [whole, stored.values, scale, stored.scales, zeroPoint(model), ...(bias ? ["", bias] : [])];
  return model.runtimeNode("MatMulIntegerToFloat", input, output === undefined ? {} : { output });
}

function number(model: EditableModel, value: number): string {
  return model.constant(`${value}`, () => ({ data: Float32Array.of(value), shape: [] }));
}

function zeroPoint(model: EditableModel): string {
  return model.constant("zero point", () => ({ data: Uint8Array.of(ZERO_POINT), shape: [] }));
}
