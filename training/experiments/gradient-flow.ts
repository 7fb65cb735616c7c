import { gradients } from "@carousel/training/autodiff/gradients";
import type { Cell } from "@carousel/training/cells/cell";
import { TrainedWeights } from "@carousel/training/models/train-graph";
import { Graph } from "@carousel/training/onnx/graph";
import { createSession, type Feeds, float32, floats } from "@carousel/training/onnx/runtime";
import { serialize } from "@carousel/training/onnx/serialize";
import { Random } from "@carousel/training/random";
import { addingProblem } from "./adding-problem.js";
import { learn } from "./learner.js";
import { memoryCells } from "./memory-cells.js";
import { Options } from "./options.js";
import { curvePicture } from "./picture.js";
import { probed } from "./probed-cell.js";
import { addRuns, RESULTS, rounded, writeText } from "./results.js";

export interface GradientRun {
  /** Steps of training on the adding problem before the measurement; 0: at the first weights. */
  readonly steps: number;
  readonly hidden: number;
  readonly batch: number;
  readonly clipNorm: number;
  readonly learningRate: number;
  readonly seeds: readonly number[];
  /** By lag k from 0: geometric mean over the seeds of ‖∂loss at T / ∂state after T − k‖. */
  readonly norms: readonly number[];
  /** The same of each seed. */
  readonly bySeed: readonly (readonly number[])[];
}

interface Setting {
  readonly cell: Cell;
  readonly lag: number;
  readonly hidden: number;
  readonly batch: number;
  readonly threads: number;
}

const KEYS = ["lag", "cell", "steps", "seeds", "hidden", "batch", "rate", "clip", "threads", "out"];

/** How much of the gradient of the last step's loss arrives k steps before, for some cells; JSON and picture. */
export async function gradientExperiment(args: readonly string[]): Promise<Record<string, GradientRun>> {
  const options = new Options(args, KEYS);
  const lag = options.count("lag", 100);
  const steps = options.count("steps", 0, 0);
  const cells = memoryCells(lag + 1);
  const seeds = Array.from({ length: options.count("seeds", 5) }, (_, k) => k + 1);
  const training = { steps, learningRate: options.positive("rate", 0.002), clipNorm: options.positive("clip", 1) };
  const sizes = { hidden: options.count("hidden", 80), batch: options.count("batch", 32) };
  const name = steps === 0 ? "gradient" : "gradient-trained";
  const about = { experiment: name, lag, unit: "norm of ∂loss/∂state" };
  const out = options.folder("out", RESULTS);
  let runs: Record<string, GradientRun> = {};
  for (const label of options.names("cell", Object.keys(cells))) {
    const setting = { cell: cells[label]!, lag, ...sizes, threads: options.count("threads", 1) };
    const bySeed: number[][] = [];
    for (const seed of seeds) {
      bySeed.push((await flow(setting, { ...training, seed })).map((n) => rounded(n, 4)));
      process.stderr.write(`${name} ${label}  seed ${seed}  at lag ${lag}: ${bySeed.at(-1)!.at(-1)}\n`);
    }
    const run = { ...training, ...sizes, seeds, norms: geometricMeans(bySeed), bySeed };
    runs = await addRuns(out, `${name}.json`, { about, runs: { [label]: run } });
    await writeText(out, `${name}.svg`, gradientPicture(runs, steps));
  }
  return runs;
}

/** Norms by lag, for the weights of one seed. */
async function flow(
  setting: Setting,
  training: { steps: number; learningRate: number; clipNorm: number; seed: number },
): Promise<number[]> {
  const { cell, lag, hidden, batch, threads } = setting;
  const task = addingProblem({ lag: lag + 1, cell, hidden, batch });
  const learned = await learn(task, { ...training, threads, every: Math.max(1, training.steps) });
  const feeds = { ...learned.weights, ...task.draw(new Random(training.seed, TEST_STREAM)) };
  const norms = await stateGradientNorms(setting, feeds);
  await learned.release();
  return norms;
}

const TEST_STREAM = 99;
const SHORTEST_LAG = 2;

/** ‖∂loss/∂(all states after step T − k)‖ by k = 0 … lag, over the batch and all units; loss is that of the last step. */
export async function stateGradientNorms(setting: Setting, feeds: Feeds): Promise<number[]> {
  const { cell, lag, hidden, batch, threads } = setting;
  const probe = probedTask(setting);
  const g = new Graph();
  const { loss } = probe.task.build(g, new TrainedWeights(g));
  g.output(gradients(g, loss, [probe.probes()])[0]!, "gradient");
  const session = await createSession(serialize(g), { threads });
  const shape = [lag + 1, batch, cell.states.length * hidden];
  const zeros = new Float32Array(shape.reduce((a, b) => a * b));
  const { gradient } = await session.run({ ...feeds, probes: float32(zeros, shape) });
  const size = batch * cell.states.length * hidden;
  const norms = Array.from({ length: lag + 1 }, (_, k) => {
    const at = (lag - k) * size;
    return Math.sqrt(
      floats(gradient!)
        .subarray(at, at + size)
        .reduce((sum, x) => sum + x * x, 0),
    );
  });
  await session.release();
  return norms;
}

/** The adding problem, lag + 1 steps long, for a probed cell. */
export function probedTask({ cell, lag, hidden, batch }: Setting) {
  const { cell: withProbes, probes } = probed(cell);
  return { task: addingProblem({ lag: lag + 1, cell: withProbes, hidden, batch }), probes };
}

/** A norm too small for a float is 0, and has no logarithm: then the mean is 0. */
function geometricMeans(bySeed: readonly (readonly number[])[]): number[] {
  return bySeed[0]!.map((_, k) => {
    const logs = bySeed.map((norms) => Math.log(norms[k]!));
    return rounded(Math.exp(logs.reduce((a, b) => a + b) / logs.length), 4);
  });
}

/** A cell has the same colour in all pictures. */
function gradientPicture(runs: Readonly<Record<string, GradientRun>>, steps: number): string {
  const when = steps === 0 ? "at the first weights" : `after ${steps} steps of training`;
  return curvePicture({
    title: `What of the gradient arrives k steps back, ${when}`,
    measure: "‖∂loss at T / ∂state at T − k‖",
    across: "lag k",
    lines: Object.keys(memoryCells(SHORTEST_LAG)).map((label) => ({
      label,
      points: (runs[label]?.norms ?? []).flatMap((y, x) => (y > 0 ? [{ x, y }] : [])),
    })),
    scale: "logarithmic",
    highest: "kept",
  });
}
