import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrainedWeights } from "@carousel/training/models/train-graph";
import { Graph } from "@carousel/training/onnx/graph";
import { createSession, float32, floats } from "@carousel/training/onnx/runtime";
import { serialize } from "@carousel/training/onnx/serialize";
import { Random } from "@carousel/training/random";
import { ParameterLayout } from "@carousel/training/trainer/parameters";
import { describe, expect, it } from "vitest";
import { gradientExperiment, probedTask, stateGradientNorms } from "./gradient-flow.js";
import { memoryCells } from "./memory-cells.js";

const SIZES = { lag: 4, hidden: 3, batch: 2, threads: 1 };

/** Weights and examples to feed, and the loss as a function of the probes. */
async function probedLoss(name: string) {
  const setting = { ...SIZES, cell: memoryCells(SIZES.lag)[name]! };
  const { task, probes } = probedTask(setting);
  const g = new Graph();
  const w = new TrainedWeights(g);
  g.output(task.build(g, w).loss, "loss");
  const layout = new ParameterLayout(w.specs);
  const feeds = { ...layout.tensors(layout.initialize(new Random(2))), ...task.draw(new Random(3)) };
  const session = await createSession(serialize(g), { threads: 1 });
  const shape = probes().shape as number[];
  const lossOf = async (values: Float32Array) =>
    floats((await session.run({ ...feeds, probes: float32(values, shape) })).loss!)[0]!;
  return { setting, feeds, shape, lossOf };
}

describe("the gradient by lag", () => {
  it.each(["rnn", "lstm", "gru"])("of %s is the slope of the loss in the states", async (name) => {
    const { setting, feeds, shape, lossOf } = await probedLoss(name);
    const [time, batch, width] = shape as [number, number, number];
    const norms = await stateGradientNorms(setting, feeds);
    expect(norms).toHaveLength(time);
    const epsilon = 2e-2;
    for (let k = 0; k < time; k++) {
      let sum = 0;
      for (let i = 0; i < batch * width; i++) {
        const moved = (by: number) => {
          const values = new Float32Array(time * batch * width);
          values[(time - 1 - k) * batch * width + i] = by;
          return lossOf(values);
        };
        sum += (((await moved(epsilon)) - (await moved(-epsilon))) / (2 * epsilon)) ** 2;
      }
      expect(norms[k]! / Math.sqrt(sum)).toBeCloseTo(1, 2);
    }
  });

  it("vanishes in the rnn and not along the carousel of lstm-1997; both are written and drawn", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gradient-"));
    const args = ["--lag", "30", "--hidden", "12", "--batch", "4", "--seeds", "2", "--out", folder];
    const runs = await gradientExperiment([...args, "--cell", "rnn,lstm-1997"]);
    const fallen = (name: string) => runs[name]!.norms.at(-1)! / runs[name]!.norms[1]!;
    expect(fallen("rnn")).toBeLessThan(1e-3);
    expect(fallen("lstm-1997")).toBeGreaterThan(0.1);
    expect(JSON.parse(await readFile(join(folder, "gradient.json"), "utf8")).runs).toEqual(runs);
    expect((await readFile(join(folder, "gradient.svg"), "utf8")).match(/<polyline/g)).toHaveLength(2);
    const trained = await gradientExperiment([...args, "--cell", "rnn", "--steps", "5"]);
    expect(trained.rnn!.norms).not.toEqual(runs.rnn!.norms);
    await rm(folder, { recursive: true });
  });
});
