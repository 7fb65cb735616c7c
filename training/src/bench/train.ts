import { memoryWidth } from "../models/encoder.js";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { seq2seqTrainGraph } from "../models/train-graph.js";
import { createSession, type Feeds, type Fetches, float32, integers, scalar } from "../onnx/runtime.js";
import { adam } from "../optimizers/adam.js";
import { Random } from "../random.js";
import { type GemmRate, Gemms, roofline } from "./gemm.js";
import { median } from "./median.js";

export interface TrainBench {
  readonly parameters: number;
  readonly batch: { readonly sentences: number; readonly sourceLength: number; readonly targetLength: number };
  /** Medians, milliseconds. */
  readonly stepMs: number;
  readonly optimizerMs: number;
  /** Target tokens a second, the optimizer's time included. */
  readonly tokensPerSecond: number;
  /** 10⁹ floating point operations of the model's own products a second, in the forward and backward pass. */
  readonly gflops: number;
  readonly gemm: readonly GemmRate[];
  /** Share of the best GEMM rate of this process. */
  readonly fractionOfRoofline: number;
}

/** Times training steps of a network on random tokens: nothing of the time depends on what they say. */
export async function benchTrain(options: {
  config: Seq2SeqConfig;
  sentences: number;
  sourceLength: number;
  targetLength: number;
  threads: number;
  steps?: number;
}): Promise<TrainBench> {
  const { config, sentences: B, sourceLength: S, targetLength: T, threads, steps = 20 } = options;
  const graph = seq2seqTrainGraph(config, { smoothing: 0.1 });
  const session = await createSession(graph.model, { threads });
  const random = new Random(1);
  const total = graph.parameters.reduce((sum, p) => sum + size(p.shape), 0);
  const [values, grads] = [new Float32Array(total), new Float32Array(total)];
  const feeds: Record<string, Feeds[string]> = {};
  const fetches: Record<string, Fetches[string]> = { loss: null };
  let offset = 0;
  for (const p of graph.parameters) {
    const end = offset + size(p.shape);
    values.set(p.initialize(random), offset);
    feeds[p.name] = float32(values.subarray(offset, end), p.shape);
    fetches[`grad.${p.name}`] = float32(grads.subarray(offset, end), p.shape);
    offset = end;
  }
  const sizes = { B, S, T };
  for (const d of graph.dropouts) {
    const shape = d.shape.map((n) => (typeof n === "number" ? n : sizes[n]));
    const keep = 1 / (1 - d.rate);
    feeds[d.input] = float32(
      Float32Array.from({ length: size(shape) }, () => (random.uniform() < d.rate ? 0 : keep)),
      shape,
    );
  }
  const tokens = (length: number, vocabulary: number) =>
    integers(
      Array.from({ length: length * B }, () => random.below(vocabulary)),
      [length, B],
    );
  const ones = (length: number) => float32(new Float32Array(length * B).fill(1), [length, B]);
  feeds.source = tokens(S, config.sourceVocabulary);
  feeds.source_mask = ones(S);
  feeds.target_in = tokens(T, config.targetVocabulary);
  feeds.target_out = tokens(T, config.targetVocabulary);
  feeds.target_mask = ones(T);
  feeds.loss_scale = scalar(1 / (T * B));

  const optimizer = adam(total);
  const gemms = await Gemms.create({ threads });
  const [stepTimes, optimizerTimes]: [number[], number[]] = [[], []];
  for (let step = 0; step < steps + 2; step++) {
    const start = performance.now();
    await session.run(feeds, fetches);
    const computed = performance.now();
    optimizer.step({ parameters: values, gradients: grads, learningRate: 1e-4, gradientScale: 1, step: step + 1 });
    if (step < 2) continue;
    stepTimes.push(computed - start);
    optimizerTimes.push(performance.now() - computed);
    await gemms.run();
  }
  await session.release();
  const gemm = await gemms.release();
  const [stepMs, optimizerMs] = [median(stepTimes), median(optimizerTimes)];
  const gflops = operations(config, { B, S, T }) / stepMs / 1e6;
  return {
    parameters: total,
    batch: { sentences: B, sourceLength: S, targetLength: T },
    stepMs,
    optimizerMs,
    tokensPerSecond: (B * T * 1000) / (stepMs + optimizerMs),
    gflops,
    gemm,
    fractionOfRoofline: gflops / roofline(gemm),
  };
}

/**
 * Floating point operations of one step in the products the equations name, forward and backward (which has two products
 * for each of the forward pass): gates, attention, readout, projection. Elementwise work does not count.
 */
export function operations(c: Seq2SeqConfig, { B, S, T }: { B: number; S: number; T: number }): number {
  const M = memoryWidth(c);
  const directions = c.encoder.bidirectional ? 2 : 1;
  const H = c.decoder.hidden;
  const gates = (input: number, hidden: number) => 4 * hidden * (input + hidden);
  let encoder = 0;
  for (let layer = 0; layer < c.encoder.layers; layer++) {
    encoder += directions * gates(layer === 0 ? c.embedding : M, c.encoder.hidden);
  }
  const readout = c.tieEmbeddings ? c.embedding : H;
  let decoder = gates(c.embedding, H) + (c.decoder.layers - 1) * gates(H, H);
  if (c.inputFeeding) decoder += 4 * H * readout;
  decoder += (M + H) * readout + readout * c.targetVocabulary + S * (H + M);
  const keys = c.attention === "dot" ? 0 : M * H;
  return 3 * 2 * B * (S * (encoder + keys) + T * decoder);
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
