import { gradientsFrom } from "@carousel/training/autodiff/gradients";
import { TrainedWeights } from "@carousel/training/models/train-graph";
import { Graph } from "@carousel/training/onnx/graph";
import { createSession, type Feeds, floats, type Session, scalar, type Tensor } from "@carousel/training/onnx/runtime";
import { serialize } from "@carousel/training/onnx/serialize";
import { adam } from "@carousel/training/optimizers/adam";
import { clippingScale, globalNorm } from "@carousel/training/optimizers/clipping";
import { Random } from "@carousel/training/random";
import { requireFinite } from "@carousel/training/trainer/divergence-error";
import { ParameterLayout } from "@carousel/training/trainer/parameters";
import type { Task } from "./task.js";

export interface LearnOptions {
  readonly steps: number;
  /** Of Adam, the same at every step. */
  readonly learningRate: number;
  /** Largest norm of all gradients together. */
  readonly clipNorm: number;
  readonly seed: number;
  readonly threads: number;
  /** Steps whose mean loss makes one point of the curve. */
  readonly every: number;
  /** Told of every point of the curve. */
  readonly onPoint?: (point: CurvePoint) => void;
}

export interface CurvePoint {
  readonly step: number;
  /** Mean over the steps since the last point. Every batch is new, so that this is the loss on examples never seen. */
  readonly loss: number;
  readonly seconds: number;
}

export interface Learned {
  readonly curve: readonly CurvePoint[];
  /** Number of weights. */
  readonly parameters: number;
  /** The weights by name, as inputs of a graph. */
  readonly weights: Feeds;
  /** All results on a batch of the test stream, which training never draws from. */
  test(batch: number): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

/** Streams of random numbers beside each other for one seed. */
const STREAM = { weights: 1, training: 2, test: 3 };

/** Trains a task's network from its first weights; the same options give the same curve. Throws DivergenceError. */
export async function learn(task: Task, options: LearnOptions): Promise<Learned> {
  const { seed, threads } = options;
  const training = trainingGraph(task);
  const layout = new ParameterLayout(training.weights.specs);
  const parameters = layout.initialize(new Random(seed, STREAM.weights));
  const session = await createSession(serialize(training.g), { threads });
  const curve = await descend(session, { task, layout, parameters, options });
  await session.release();
  const evaluation = await createSession(serialize(evaluationGraph(task)), { threads });
  const weights = layout.tensors(parameters);
  return {
    curve,
    parameters: layout.count,
    weights,
    async test(batch) {
      const feeds = task.draw(new Random(seed, STREAM.test, batch));
      const results = await evaluation.run({ ...weights, ...feeds });
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, floats(tensor)]));
    },
    release: () => evaluation.release(),
  };
}

function trainingGraph(task: Task): { g: Graph; weights: TrainedWeights } {
  const g = new Graph();
  const weights = new TrainedWeights(g);
  const { loss, seeds } = task.build(g, weights);
  const trained = [...weights.values.values()];
  const grads = gradientsFrom(g, seeds?.() ?? new Map([[loss, g.float(1)]]), trained);
  g.output(loss, "loss");
  trained.forEach((p, k) => void g.output(grads[k]!, `grad.${p.name}`));
  return { g, weights };
}

function evaluationGraph(task: Task): Graph {
  const g = new Graph();
  const { loss, measures = {} } = task.build(g, new TrainedWeights(g));
  for (const [name, value] of Object.entries({ loss, ...measures })) g.output(value, name);
  return g;
}

interface Descent {
  readonly task: Task;
  readonly layout: ParameterLayout;
  /** Flat; changed in place. */
  readonly parameters: Float32Array;
  readonly options: LearnOptions;
}

async function descend(session: Session, { task, layout, parameters, options }: Descent): Promise<CurvePoint[]> {
  const { steps, learningRate, clipNorm, seed, every, onPoint } = options;
  const slopes = new Float32Array(layout.size);
  const optimizer = adam(layout.size);
  const weights = layout.tensors(parameters);
  const fetches: Record<string, Tensor> = { loss: scalar(0), ...layout.tensors(slopes, "grad.") };
  const curve: CurvePoint[] = [];
  const start = performance.now();
  let sum = 0;
  for (let step = 1; step <= steps; step++) {
    await session.run({ ...weights, ...task.draw(new Random(seed, STREAM.training, step)) }, fetches);
    const loss = floats(fetches.loss!)[0]!;
    const norm = globalNorm(slopes);
    requireFinite({ loss, "norm of the gradients": norm }, { step, learningRate });
    const gradientScale = clippingScale(norm, clipNorm);
    optimizer.step({ parameters, gradients: slopes, learningRate, gradientScale, step });
    sum += loss;
    if (step % every !== 0) continue;
    const point = { step, loss: sum / every, seconds: (performance.now() - start) / 1000 };
    curve.push(point);
    onPoint?.(point);
    sum = 0;
  }
  return curve;
}
