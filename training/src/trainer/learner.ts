import type { Device, Feeds } from "../onnx/runtime.js";
import type { ParameterAverage } from "../optimizers/parameter-average.js";
import type { Schedule } from "../optimizers/schedules.js";
import { Random } from "../random.js";
import type { TrainingOptions } from "../recipe/index.js";
import { Evaluator } from "./evaluation.js";
import { averageOf, scheduleOf } from "./from-recipe.js";
import type { Objective } from "./objective.js";
import type { ParameterLayout } from "./parameters.js";
import { createStepper, type Stepper } from "./stepper.js";
import type { TrainGraph } from "./train-graph.js";

/** A model with all that changes it and measures it. */
export interface Learner extends Stepper {
  /** Of the parameters over the steps, when the recipe asks for one. */
  readonly average: ParameterAverage | undefined;
  /** Flat: the parameters that are measured and exported; the average once there is one, or those that the steps move. */
  readonly result: Float32Array;
  readonly schedule: Schedule;
  readonly evaluator: Evaluator;
  /** What the steps run in place of the data as they are. */
  readonly objective: Objective | undefined;
  /** Puts everything that the steps move back to what it was before the first. */
  restart(): void;
}

/** What an objective may look at. */
export interface ObjectiveModel {
  /** Views of the parameters that the steps move, by name. */
  readonly weights: Feeds;
  /** The same, flat. */
  readonly parameters: Float32Array;
  readonly evaluator: Evaluator;
}

/** A learner. Its first parameters are drawn from the seed, unless others are given. */
export async function createLearner(options: {
  graph: TrainGraph;
  training: TrainingOptions;
  batchesPerEpoch: number;
  device?: Device | undefined;
  /** Rows of every batch; for a model that carries its state from batch to batch. */
  rows?: number;
  /** Flat first parameters, made anew at every call. */
  initialize?: ((layout: ParameterLayout) => Float32Array) | undefined;
  /** What is minimized, where it is not the loss of the data as they are. */
  objective?: ((model: ObjectiveModel) => Promise<Objective | undefined>) | undefined;
}): Promise<Learner> {
  const { graph, training, batchesPerEpoch, device, rows } = options;
  const first = options.initialize ?? ((layout) => layout.initialize(new Random(training.seed)));
  const stepper = await createStepper(graph, { training, device, rows, initialize: first });
  const { layout, parameters, optimizer } = stepper;
  const average = averageOf(training, parameters);
  const schedule = scheduleOf(training, { batchesPerEpoch });
  const begin = { schedule: schedule.state, average: average?.state };
  const evaluator = await Evaluator.create(graph, { layout, threads: training.threads, device });
  return {
    ...stepper,
    average,
    get result() {
      return average?.active ? average.values : parameters;
    },
    schedule,
    evaluator,
    objective: await options.objective?.({ weights: layout.tensors(parameters), parameters, evaluator }),
    restart() {
      parameters.set(first(layout));
      if (average) {
        average.values.set(parameters);
        average.state = begin.average!;
      }
      for (const moment of Object.values(optimizer.moments)) moment.fill(0);
      schedule.state = begin.schedule;
    },
  };
}

/** Everything that the steps move, by name: what a checkpoint keeps. Live, not copies. */
export function arraysOf({ parameters, average, optimizer, carried }: Learner): Record<string, Float32Array> {
  return { parameters, ...(average ? { average: average.values } : {}), ...optimizer.moments, ...carried.arrays };
}

/** Frees the sessions. */
export async function release(learner: Learner): Promise<void> {
  await learner.steps.release();
  await learner.evaluator.release();
  await learner.objective?.release();
}
