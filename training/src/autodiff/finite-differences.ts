import { Graph } from "../onnx/graph.js";
import { createSession, float32, floats } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import type { Value } from "../onnx/value.js";
import { Random } from "../random.js";
import { gradients } from "./gradients.js";

export interface Check {
  /** Shapes of the float32 inputs to differentiate for; every size a number. */
  readonly inputs: readonly (readonly number[])[];
  /** Names for sizes, so that the graph is built with unknown ones, as [input][axis]. */
  readonly named?: readonly (readonly (string | number)[])[];
  readonly build: (g: Graph, inputs: Value[]) => Value;
  /** Range the inputs are drawn from. */
  readonly range?: readonly [number, number];
}

/**
 * The largest difference between the gradient that the rules give and the numeric one, (f(x + ε) − f(x − ε)) / 2ε, over
 * every element of every input, relative to the largest gradient. The result is weighted at random and summed to a scalar.
 */
export async function gradientError(check: Check): Promise<number> {
  const g = new Graph();
  const inputs = check.inputs.map((shape, k) => g.input(`x${k}`, "float32", check.named?.[k] ?? shape));
  const result = check.build(g, inputs);
  const weights = g.input("weights", "float32", result.shape);
  const loss = g.sumAll(g.mul(result, weights));
  const grads = gradients(g, loss, inputs);
  g.output(loss, "loss");
  g.output(result, "result");
  grads.forEach((gradient, k) => void g.output(gradient, `grad${k}`));
  const session = await createSession(serialize(g), { threads: 1 });

  const random = new Random(1);
  const [low, high] = check.range ?? [-1, 1];
  const draw = (n: number) => Float32Array.from({ length: n }, () => low + (high - low) * random.uniform());
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const data = check.inputs.map((shape) => draw(size(shape)));
  const feedsOf = (values: readonly Float32Array[]) =>
    Object.fromEntries(values.map((v, k) => [`x${k}`, float32(v, check.inputs[k]!)]));
  const weightShape = sizesOf(result, check);
  const weightTensor = float32(draw(size(weightShape)), weightShape);
  const first = await session.run({ ...feedsOf(data), weights: weightTensor });

  // the loss in double precision, from the float32 results: fewer digits are lost in the difference
  const lossOf = async (values: readonly Float32Array[]) => {
    const out = floats((await session.run({ ...feedsOf(values), weights: weightTensor }, ["result"])).result!);
    const w = floats(weightTensor);
    return out.reduce((sum, y, k) => sum + y * w[k]!, 0);
  };
  const epsilon = 1e-2;
  let [worst, largest] = [0, 1e-3];
  for (const [k, values] of data.entries()) {
    const analytic = floats(first[`grad${k}`]!);
    for (let i = 0; i < values.length; i++) {
      const at = async (step: number) => {
        const moved = data.map((d) => d.slice());
        moved[k]![i] = values[i]! + step;
        return lossOf(moved);
      };
      // fourth-order central difference
      const near = (await at(epsilon)) - (await at(-epsilon));
      const far = (await at(2 * epsilon)) - (await at(-2 * epsilon));
      const numeric = (8 * near - far) / (12 * epsilon);
      worst = Math.max(worst, Math.abs(numeric - analytic[i]!));
      largest = Math.max(largest, Math.abs(numeric));
    }
  }
  await session.release();
  return worst / largest;
}

/** Sizes of a result whose named ones are looked up among the inputs'. */
function sizesOf(result: Value, check: Check): number[] {
  const known = new Map<string | number, number>();
  check.named?.forEach((dims, k) => {
    dims.forEach((d, axis) => void known.set(d, check.inputs[k]![axis]!));
  });
  return result.shape.map((d) => (typeof d === "number" ? d : known.get(d)!));
}
