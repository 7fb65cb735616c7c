import { describe, expect, it } from "vitest";
import { gradients } from "../autodiff/gradients.js";
import { outputProjection } from "../layers/projection.js";
import { Graph } from "../onnx/graph.js";
import { createSession, float32, floats, integers, scalar } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import { Random } from "../random.js";
import { crossEntropy } from "./cross-entropy.js";

const [TIME, BATCH, WIDTH, VOCABULARY] = [3, 2, 4, 7];
const SCALE = 0.25;
const TARGETS = [1, 6, 0, 2, 2, 5];
const MASK = [1, 1, 1, 0.5, 0, 0];

/** Outputs of the graph, and the gradients that the rules give of the same loss. */
async function run({ smoothing, tied }: { smoothing: number; tied: boolean }) {
  const g = new Graph();
  const output = outputProjection(
    { get: (name, shape) => g.input(name, "float32", shape) },
    {
      name: "output",
      input: WIDTH,
      vocabulary: VOCABULARY,
      ...(tied ? { tied: g.input("table", "float32", [VOCABULARY, WIDTH]) } : {}),
    },
  );
  const readout = g.input("readout", "float32", ["T", "B", WIDTH]);
  const targets = g.input("targets", "int64", ["T", "B"]);
  const mask = g.input("mask", "float32", ["T", "B"]);
  const scale = g.input("scale", "float32", []);
  const built = crossEntropy(g, { readout, output, targets, mask, smoothing });
  const written = built.gradients(scale);
  const values = [readout, output.matrix, output.bias];
  const byRules = gradients(g, g.mul(built.loss, scale), values);
  g.output(built.loss, "loss");
  g.output(built.nll, "nll");
  g.output(built.logits, "logits");
  values.forEach((value, k) => {
    g.output(written.get(value)!, `written ${k}`);
    g.output(byRules[k]!, `rules ${k}`);
  });
  const session = await createSession(serialize(g), { threads: 1 });
  const random = new Random(5);
  const draw = (...shape: number[]) =>
    float32(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * random.normal()),
      shape,
    );
  const outputs = await session.run({
    ...(tied ? { table: draw(VOCABULARY, WIDTH) } : { "output.W": draw(WIDTH, VOCABULARY) }),
    "output.b": draw(VOCABULARY),
    readout: draw(TIME, BATCH, WIDTH),
    targets: integers(TARGETS, [TIME, BATCH]),
    mask: float32(Float32Array.from(MASK), [TIME, BATCH]),
    scale: scalar(SCALE),
  });
  await session.release();
  return (name: string) => [...floats(outputs[name]!)];
}

describe.each([
  { smoothing: 0, tied: false },
  { smoothing: 0, tied: true },
  { smoothing: 0.1, tied: false },
  { smoothing: 0.1, tied: true },
])("cross-entropy, %o", ({ smoothing, tied }) => {
  it("is that between the softmax and the smoothed targets", async () => {
    const read = await run({ smoothing, tied });
    const logits = read("logits");
    let [loss, nll] = [0, 0];
    for (const [row, target] of TARGETS.entries()) {
      const x = logits.slice(row * VOCABULARY, (row + 1) * VOCABULARY);
      const normalizer = Math.log(x.reduce((sum, y) => sum + Math.exp(y), 0));
      nll += MASK[row]! * (normalizer - x[target]!);
      for (const [token, y] of x.entries()) {
        const probability = smoothing / VOCABULARY + (token === target ? 1 - smoothing : 0);
        loss += MASK[row]! * probability * (normalizer - y);
      }
    }
    expect(read("loss")[0]).toBeCloseTo(loss, 4);
    expect(read("nll")[0]).toBeCloseTo(nll, 4);
  });

  it("has the gradients that the rules give operator by operator", async () => {
    const read = await run({ smoothing, tied });
    for (const k of [0, 1, 2]) {
      const byRules = read(`rules ${k}`);
      expect(byRules.some((x) => Math.abs(x) > 0.05)).toBe(true);
      read(`written ${k}`).forEach((x, at) => {
        expect(x).toBeCloseTo(byRules[at]!, 5);
      });
    }
  });
});
