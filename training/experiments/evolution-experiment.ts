import { VECTOR_CELLS } from "@carousel/training/cells/index";
import { TrainedWeights } from "@carousel/training/models/train-graph";
import { EvolutionStrategy } from "@carousel/training/objectives/evolution";
import { Graph } from "@carousel/training/onnx/graph";
import { createSession, type Feeds, floats } from "@carousel/training/onnx/runtime";
import { serialize } from "@carousel/training/onnx/serialize";
import { Random } from "@carousel/training/random";
import { ParameterLayout } from "@carousel/training/trainer/parameters";
import { addingProblem, MEMORYLESS_ERROR } from "./adding-problem.js";
import { Options } from "./options.js";
import { curvePicture } from "./picture.js";
import { addRuns, RESULTS, rounded, writeText } from "./results.js";
import type { Task } from "./task.js";

export interface EvolutionRun {
  readonly seed: number;
  readonly generations: number;
  readonly pairs: number;
  readonly sigma: number;
  readonly learningRate: number;
  readonly hidden: number;
  readonly batch: number;
  readonly parameters: number;
  /** Mean squared error on test batches. */
  readonly loss: number;
  /** Share of the answers that are less than 0.04 off on them. */
  readonly recalled: number;
  readonly seconds: number;
  /** [generation, mean error of its candidates, error of the best of them, error of the parameters on a test batch] */
  readonly curve: readonly (readonly [number, number, number, number])[];
}

const KEYS = ["length", "cell", "generations", "pairs", "sigma", "rate", "hidden", "batch", "seed", "threads", "out"];
const STREAM = { weights: 1, training: 2, test: 3 };
const TEST_BATCHES = 10;
const POINTS = 100;
const SHORTEST = 2;
const CELLS = ["rnn", "lstm", "gru"] as const;

/**
 * The adding problem learned without a gradient: evolution strategies move all weights of a small network, and all that
 * they are told is the error of each candidate. Results and picture are written after each cell. Returns all runs.
 */
export async function evolutionExperiment(args: readonly string[]): Promise<Record<string, EvolutionRun>> {
  const options = new Options(args, KEYS);
  const length = options.count("length", 10, SHORTEST);
  const out = options.folder("out", RESULTS);
  const about = { experiment: "evolution", length, baseline: rounded(MEMORYLESS_ERROR), unit: "Mean squared error" };
  let runs: Record<string, EvolutionRun> = {};
  for (const name of options.names("cell", CELLS)) {
    const run = await evolutionRun(name as (typeof CELLS)[number], { length, options });
    runs = await addRuns(out, `evolution-${length}.json`, { about, runs: { [name]: run } });
    await writeText(out, `evolution-${length}.svg`, pictureOf(runs, length));
  }
  return runs;
}

async function evolutionRun(
  name: (typeof CELLS)[number],
  { length, options }: { length: number; options: Options },
): Promise<EvolutionRun> {
  const [hidden, batch] = [options.count("hidden", 8), options.count("batch", 64)];
  const task = addingProblem({ lag: length, cell: VECTOR_CELLS[name], hidden, batch });
  const setting = {
    seed: options.count("seed", 1, 0),
    generations: options.count("generations", 1000),
    pairs: options.count("pairs", 32),
    sigma: options.positive("sigma", 0.05),
    learningRate: options.positive("rate", 0.02),
  };
  const evolved = await evolve(task, { ...setting, name, threads: options.count("threads", 1) });
  return { ...setting, hidden, batch, ...evolved };
}

interface EvolveOptions extends Pick<EvolutionRun, "seed" | "generations" | "pairs" | "sigma" | "learningRate"> {
  readonly name: string;
  readonly threads: number;
}

async function evolve(task: Task, options: EvolveOptions) {
  const { name, seed, generations } = options;
  const network = await forwardNetwork(task, options);
  const tested = (parameters: Float32Array, batch: number) =>
    network.run(parameters, task.draw(new Random(seed, STREAM.test, batch)));
  // all candidates of a generation are put to the same test
  let feeds: Feeds = {};
  const strategy = new EvolutionStrategy(network.layout.initialize(new Random(seed, STREAM.weights)), {
    ...options,
    fitness: async (candidate) => -(await network.run(candidate, feeds)).loss,
  });
  const { parameters } = strategy;
  const curve: [number, number, number, number][] = [];
  const every = Math.max(1, Math.round(generations / POINTS));
  const start = performance.now();
  for (let generation = 1; generation <= generations; generation++) {
    feeds = task.draw(new Random(seed, STREAM.training, generation));
    const { mean, best } = await strategy.step(generation);
    if (generation % every !== 0) continue;
    const { loss } = await tested(parameters, TEST_BATCHES);
    curve.push([generation, rounded(-mean), rounded(-best), rounded(loss)]);
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(
      `evolution ${name}  generation ${generation}  error ${loss.toFixed(5)}  ${seconds.toFixed(0)} s\n`,
    );
  }
  const seconds = rounded((performance.now() - start) / 1000, 3);
  const results: Measures[] = [];
  for (let batch = 0; batch < TEST_BATCHES; batch++) results.push(await tested(parameters, batch));
  await network.release();
  const average = (of: (r: Measures) => number) => rounded(results.reduce((sum, r) => sum + of(r), 0) / TEST_BATCHES);
  return {
    parameters: network.layout.count,
    loss: average((r) => r.loss),
    recalled: average((r) => r.recalled),
    seconds,
    curve,
  };
}

interface Measures {
  readonly loss: number;
  readonly recalled: number;
}

/** The forward pass alone, with its weights fed from a flat array. */
async function forwardNetwork(task: Task, { threads }: { threads: number }) {
  const g = new Graph();
  const weights = new TrainedWeights(g);
  const { loss, measures = {} } = task.build(g, weights);
  for (const [name, value] of Object.entries({ loss, ...measures })) g.output(value, name);
  const layout = new ParameterLayout(weights.specs);
  const session = await createSession(serialize(g), { threads });
  return {
    layout,
    async run(parameters: Float32Array, feeds: Feeds): Promise<Measures> {
      const { loss, recalled } = await session.run({ ...layout.tensors(parameters), ...feeds });
      return { loss: floats(loss!)[0]!, recalled: floats(recalled!)[0]! };
    },
    release: () => session.release(),
  };
}

function pictureOf(runs: Readonly<Record<string, EvolutionRun>>, length: number): string {
  const lines = CELLS.flatMap((name) => {
    const run = runs[name];
    if (!run) return [];
    return [{ label: name, points: run.curve.map(([x, , , y]) => ({ x, y })) }];
  });
  return curvePicture({
    title: `The adding problem, ${length} numbers, without a gradient: evolution strategies`,
    measure: "Mean squared error on sequences never seen",
    across: "generation",
    lines,
    baseline: { label: "without memory", y: MEMORYLESS_ERROR },
    scale: "logarithmic",
    highest: "left",
  });
}
