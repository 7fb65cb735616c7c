import type { Cell } from "@carousel/training/cells/cell";
import { type CurvePoint, type Learned, learn } from "./learner.js";
import { memoryCells } from "./memory-cells.js";
import { Options } from "./options.js";
import { curvePicture } from "./picture.js";
import { addRuns, RESULTS, rounded, writeText } from "./results.js";
import type { Task } from "./task.js";

/** An experiment on whether cells remember over a lag. */
export interface RecallExperiment {
  /** Of the files that it writes. */
  readonly name: string;
  title(lag: number): string;
  /** The loss of a predictor that has no memory. */
  baseline(lag: number): number;
  readonly unit: string;
  task(options: { lag: number; cell: Cell; hidden: number; batch: number }): Task;
}

export interface RecallRun {
  readonly seed: number;
  readonly steps: number;
  readonly hidden: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly clipNorm: number;
  readonly parameters: number;
  /** Mean over test batches. */
  readonly loss: number;
  /** Share of the answers that are right on them. */
  readonly recalled: number;
  /** [step, mean loss since the point before] */
  readonly curve: readonly (readonly [number, number])[];
}

const KEYS = ["lag", "cell", "steps", "hidden", "batch", "rate", "clip", "seed", "threads", "every", "out"];
const TEST_BATCHES = 10;
const SHORTEST = 2;

/** Trains the chosen cells one after the other; results and picture are written after each. Returns all runs. */
export async function recallExperiment(
  experiment: RecallExperiment,
  args: readonly string[],
): Promise<Record<string, RecallRun>> {
  const options = new Options(args, KEYS);
  const lag = options.count("lag", 100, SHORTEST);
  const cells = memoryCells(lag);
  const names = options.names("cell", Object.keys(cells));
  const out = options.folder("out", RESULTS);
  const baseline = experiment.baseline(lag);
  const about = { experiment: experiment.name, lag, baseline: rounded(baseline), unit: experiment.unit };
  let runs: Record<string, RecallRun> = {};
  for (const name of names) {
    const run = await recallRun(experiment, { name, cell: cells[name]!, lag, baseline, options });
    runs = await addRuns(out, `${experiment.name}-${lag}.json`, { about, runs: { [name]: run } });
    await writeText(out, `${experiment.name}-${lag}.svg`, pictureOf(experiment, { lag, baseline, runs }));
  }
  return runs;
}

async function recallRun(
  experiment: RecallExperiment,
  o: { name: string; cell: Cell; lag: number; baseline: number; options: Options },
): Promise<RecallRun> {
  const { name, cell, lag, baseline, options } = o;
  const [hidden, batch] = [options.count("hidden", 80), options.count("batch", 32)];
  const setting = {
    seed: options.count("seed", 1, 0),
    steps: options.count("steps", 2000),
    learningRate: options.positive("rate", 0.002),
    clipNorm: options.positive("clip", 1),
  };
  const learned = await learn(experiment.task({ lag, cell, hidden, batch }), {
    ...setting,
    threads: options.count("threads", 1),
    every: options.count("every", Math.max(1, Math.round(setting.steps / 100))),
    onPoint: (point) => showPoint(`${experiment.name} ${lag} ${name}`, point, baseline),
  });
  const scores = await testScores(learned);
  await learned.release();
  return {
    ...setting,
    hidden,
    batch,
    parameters: learned.parameters,
    ...scores,
    curve: learned.curve.map(({ step, loss }) => [step, rounded(loss)]),
  };
}

async function testScores(learned: Learned): Promise<{ loss: number; recalled: number }> {
  const results: Record<string, Float32Array>[] = [];
  for (let batch = 0; batch < TEST_BATCHES; batch++) results.push(await learned.test(batch));
  const mean = (name: string) => rounded(results.reduce((sum, r) => sum + r[name]![0]!, 0) / TEST_BATCHES);
  return { loss: mean("loss"), recalled: mean("recalled") };
}

function showPoint(name: string, { step, loss, seconds }: CurvePoint, baseline: number): void {
  process.stderr.write(
    `${name}  step ${step}  loss ${loss.toFixed(5)}  baseline ${baseline.toFixed(5)}  ${seconds.toFixed(0)} s\n`,
  );
}

function pictureOf(
  experiment: RecallExperiment,
  { lag, baseline, runs }: { lag: number; baseline: number; runs: Readonly<Record<string, RecallRun>> },
): string {
  const points = ({ curve }: RecallRun) => curve.map(([x, y]) => ({ x, y }));
  return curvePicture({
    title: experiment.title(lag),
    measure: experiment.unit,
    across: "step of training",
    // a cell has the same colour in all pictures
    lines: Object.keys(memoryCells(lag)).map((label) => ({ label, points: runs[label] ? points(runs[label]) : [] })),
    baseline: { label: "without memory", y: baseline },
    scale: "logarithmic",
    highest: "left",
  });
}
