import { freemem, totalmem } from "node:os";
import type { BatchSizes, Epoch } from "../data/batch.js";
import type { Recipe, TrainingOptions } from "../recipe/index.js";
import { averageOf, optimizerOf } from "./from-recipe.js";
import { stepSizes } from "./objective-from-recipe.js";
import type { TrainGraph } from "./train-graph.js";
import { TrainingError } from "./training-error.js";

/** What a training needs, in bytes. */
export interface MemoryNeed {
  /** Parameters, their gradients, the optimizer's moments, and the moving average. */
  readonly parameters: number;
  /** What the run of the largest batch holds at once; of a step its dropout masks, too, and what they are taken from. */
  readonly largestBatch: number;
  readonly batch: BatchSizes;
  /** Where that batch is met: training leaves long sentences out, validation has all. */
  readonly met: "training" | "validation";
}

/** What there is, in bytes. */
export interface Memory {
  /** Of the machine, or of the control group of this process when that is less. */
  readonly total: number;
  readonly free: number;
}

const BYTES = 4;
/**
 * What ONNX Runtime takes for what a graph holds at once: its arena grows by doubling, and keeps what is freed. Measured on
 * the shipped recipes with batches of 1,536 to 4,096 tokens as growth of the resident set: 2.6 to 3.0.
 */
const ARENA = 2.8;
const MEBI = 2 ** 20;

export function memoryOfMachine(): Memory {
  // 0, or more than there is, when nothing constrains the process
  const constrained = process.constrainedMemory();
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return { total, free: Math.min(freemem(), total) };
}

/** An estimate of what training takes, from the graph and the sizes of the batches of an epoch and of a validation. */
export function memoryNeed(options: {
  graph: TrainGraph;
  training: TrainingOptions;
  epoch: Epoch;
  validation: Epoch;
}): MemoryNeed {
  const { graph, training, epoch, validation } = options;
  // as long as the parameters: they themselves, gradients, moments, average
  const arrays =
    2 + Object.keys(optimizerOf(training, 0).moments).length + (averageOf(training, new Float32Array(0)) ? 1 : 0);
  const count = graph.parameters.reduce((sum, p) => sum + product(p.shape), 0);
  const steps = extremes(epoch).map((data): Run => {
    const batch = stepSizes(training, data);
    const bytes = ARENA * (graph.activationBytes?.(batch) ?? 0) + 2 * maskBytes(graph, batch);
    return { met: "training", batch, bytes };
  });
  const evaluations = extremes(validation).map((batch): Run => {
    return { met: "validation", batch, bytes: ARENA * (graph.evaluationBytes?.(batch) ?? 0) };
  });
  const none: Run = { met: "training", batch: { B: 0, S: 0, T: 0 }, bytes: 0 };
  const { bytes, ...largest } = [...steps, ...evaluations].reduce((a, b) => (b.bytes > a.bytes ? b : a), none);
  return { parameters: count * arrays * BYTES, largestBatch: bytes, ...largest };
}

interface Run extends Pick<MemoryNeed, "batch" | "met"> {
  readonly bytes: number;
}

/** The batches that are largest in some way: a graph's memory grows with these products of sizes. */
function extremes(epoch: Epoch): BatchSizes[] {
  const all = Array.from({ length: epoch.length }, (_, i) => epoch.sizes?.(i) ?? epoch.batch(i).sizes);
  const measures = [
    ({ B, S }: BatchSizes) => B * S,
    ({ B, T }: BatchSizes) => B * T,
    ({ B, S, T }: BatchSizes) => B * S * T,
    ({ B }: BatchSizes) => B,
  ];
  return measures.flatMap((measure) =>
    all.length === 0 ? [] : [all.reduce((best, sizes) => (measure(sizes) > measure(best) ? sizes : best))],
  );
}

function maskBytes({ dropouts }: TrainGraph, sizes: BatchSizes): number {
  return dropouts.reduce(
    (sum, { shape }) => sum + BYTES * product(shape.map((d) => (typeof d === "number" ? d : sizes[d]))),
    0,
  );
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * Looks whether a training fits into memory, before its first step. Returns a warning when it is more than is free now.
 * @throws TrainingError naming the estimate and what lowers it, when it is more than there is
 */
export function requireMemory(need: MemoryNeed, memory: Memory, recipe: Recipe): string | undefined {
  const sum = need.parameters + need.largestBatch;
  if (sum <= memory.free) return undefined;
  const estimate =
    `training needs about ${mebibytes(sum)}: ${mebibytes(need.parameters)} for parameters, gradients and the optimizer, ` +
    `${mebibytes(need.largestBatch)} for the largest batch (${describe(need.batch)}${need.met === "validation" ? " of the validation text" : ""})`;
  if (sum <= memory.total) return `${estimate}; only ${mebibytes(memory.free)} are free`;
  throw new TrainingError(`${estimate}; there are ${mebibytes(memory.total)}. ${adviceFor(need, recipe)}`);
}

function describe({ B, S, T }: BatchSizes): string {
  return S === 0 ? `${B} × ${T} tokens` : `${B} ${B === 1 ? "sentence" : "sentences"} of up to ${S} and ${T} tokens`;
}

function adviceFor({ parameters, largestBatch, met }: MemoryNeed, { task }: Recipe): string {
  if (parameters >= largestBatch) {
    return "Lower the sizes in model or tokenizer.vocabularySize, or choose an optimizer without moments (sgd)";
  }
  if (met === "validation") {
    const less = task === "generation" ? "Lower data.validationLength" : "Leave the longest validation sentences out";
    return `${less}, or lower training.batchTokens, tokenizer.vocabularySize or the sizes in model`;
  }
  const length = task === "generation" ? "data.windowLength" : "data.maxLength";
  return `Lower training.batchTokens, ${length}, tokenizer.vocabularySize or the sizes in model`;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MEBI).toLocaleString("en")} MiB`;
}
