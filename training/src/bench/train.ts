import { translationBatch } from "../data/translation-data.js";
import { median } from "../median.js";
import { Random } from "../random.js";
import type { TranslationRecipe } from "../recipe/index.js";
import { trainGraphOf } from "../trainer/from-recipe.js";
import { createStepper } from "../trainer/stepper.js";
import { stepOperations, vocabularyOf } from "./bench-recipe.js";
import { type GemmRate, Gemms, roofline } from "./gemm.js";

export interface TrainBench {
  readonly parameters: number;
  readonly batch: { readonly sentences: number; readonly sourceLength: number; readonly targetLength: number };
  readonly stepsPerRun: number;
  /** Median, milliseconds: all of a step, as `carousel train` makes it. */
  readonly stepMs: number;
  /** Target tokens a second. */
  readonly tokensPerSecond: number;
  /** 10⁹ floating point operations of the model's own products a second, in the forward and backward pass. */
  readonly gflops: number;
  readonly gemm: readonly GemmRate[];
  /** Share of the best GEMM rate of this process. */
  readonly fractionOfRoofline: number;
}

export interface TrainBenchOptions {
  /** Its network, optimizer, clipping, smoothing and steps in one run. */
  readonly recipe: TranslationRecipe;
  readonly sentences: number;
  /** Tokens, eos included. */
  readonly sourceLength: number;
  readonly targetLength: number;
  readonly threads: number;
  /** As many as are timed at least. */
  readonly steps?: number;
}

/**
 * Times training steps of a network on random tokens (nothing of the time depends on what they say): dropout masks, forward,
 * backward, clipping and the optimizer.
 */
export async function benchTrain(options: TrainBenchOptions): Promise<TrainBench> {
  const { recipe, sentences, sourceLength, targetLength, threads, steps = 20 } = options;
  const training = { ...recipe.training, threads };
  const graph = trainGraphOf(recipe, vocabularyOf(recipe));
  const { steps: stepper, layout } = await createStepper(graph, { training });
  const batch = randomBatch(options);
  const { stepsPerRun, learningRate } = training;
  const batches = Array(stepsPerRun).fill(batch);
  const learningRates = batches.map(() => learningRate);
  const gemms = await Gemms.create({ threads });
  const times: number[] = [];
  for (let run = 0; run * stepsPerRun < steps + WARMUP * stepsPerRun; run++) {
    const start = performance.now();
    await stepper.run(batches, { step: 1 + run * stepsPerRun, learningRates });
    if (run >= WARMUP) times.push((performance.now() - start) / stepsPerRun);
    await gemms.run();
  }
  await stepper.release();
  const gemm = await gemms.release();
  const stepMs = median(times);
  const gflops = stepOperations(recipe, { B: sentences, S: sourceLength, T: targetLength }) / stepMs / 1e6;
  return {
    parameters: layout.count,
    batch: { sentences, sourceLength, targetLength },
    stepsPerRun,
    stepMs,
    tokensPerSecond: (1000 * batch.targetTokens) / stepMs,
    gflops,
    gemm,
    fractionOfRoofline: gflops / roofline(gemm),
  };
}

const WARMUP = 1;

function randomBatch({ recipe, sentences, sourceLength, targetLength }: TrainBenchOptions) {
  const random = new Random(1);
  const vocabulary = vocabularyOf(recipe);
  const tokens = (length: number, size: number) => Array.from({ length: length - 1 }, () => random.below(size)); // and eos
  return translationBatch(
    Array.from({ length: sentences }, () => ({
      source: tokens(sourceLength, vocabulary.source),
      target: tokens(targetLength, vocabulary.target),
    })),
  );
}
