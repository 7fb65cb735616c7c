import type { Device } from "../onnx/runtime.js";
import type { Optimizer } from "../optimizers/optimizer.js";
import { Random } from "../random.js";
import type { TrainingOptions } from "../recipe/index.js";
import { CarriedState } from "./carried-state.js";
import { optimizerGraphOf, optimizerOf } from "./from-recipe.js";
import { ParameterLayout } from "./parameters.js";
import { SeveralSteps } from "./several-steps.js";
import type { TrainGraph } from "./train-graph.js";
import { type Steps, TrainStep } from "./train-step.js";

/** The parameters of a model, and the steps that move them. */
export interface Stepper {
  readonly layout: ParameterLayout;
  /** Flat; every step moves them in place. */
  readonly parameters: Float32Array;
  readonly optimizer: Optimizer;
  readonly carried: CarriedState;
  readonly steps: Steps;
}

export interface StepperOptions {
  readonly training: Pick<TrainingOptions, "seed" | "optimizer" | "clipNorm" | "threads" | "stepsPerRun">;
  readonly device?: Device | undefined;
  /** Rows of every batch; for a model that carries its state from batch to batch. */
  readonly rows?: number | undefined;
  /** Flat first parameters; drawn from the seed when absent. */
  readonly initialize?: ((layout: ParameterLayout) => Float32Array) | undefined;
}

/** One step a run, or as many as the recipe says. */
export async function createStepper(graph: TrainGraph, options: StepperOptions): Promise<Stepper> {
  const { training, device, rows = 0, initialize = (l) => l.initialize(new Random(training.seed)) } = options;
  const { seed, clipNorm, threads, stepsPerRun } = training;
  const layout = new ParameterLayout(graph.parameters);
  const stepper = {
    layout,
    parameters: initialize(layout),
    optimizer: optimizerOf(training, layout.size),
    carried: new CarriedState(graph.states, rows),
  };
  const common = { graph, ...stepper, clipNorm, seed, threads, device };
  const steps =
    stepsPerRun === 1
      ? await TrainStep.create(common)
      : await SeveralSteps.create({ ...common, optimizerGraph: optimizerGraphOf(training), most: stepsPerRun });
  return { ...stepper, steps };
}
