import type { CtcConfig } from "../models/ctc.js";
import type { LanguageModelConfig } from "../models/language-model.js";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { ctcTrainGraph, languageModelTrainGraph, seq2seqTrainGraph } from "../models/train-graph.js";
import { adam } from "../optimizers/adam.js";
import { adamGraph } from "../optimizers/adam-graph.js";
import { movingAverage } from "../optimizers/moving-average.js";
import type { Optimizer } from "../optimizers/optimizer.js";
import type { OptimizerGraph } from "../optimizers/optimizer-graph.js";
import type { ParameterAverage } from "../optimizers/parameter-average.js";
import { constant, cosine, inverseSquareRoot, linear, plateau, type Schedule } from "../optimizers/schedules.js";
import { sgd } from "../optimizers/sgd.js";
import { sgdGraph } from "../optimizers/sgd-graph.js";
import { triggeredAverage } from "../optimizers/triggered-average.js";
import {
  type AttentionRecipe,
  byKind,
  type CtcRecipe,
  type GenerationRecipe,
  type Recipe,
  type TrainingOptions,
} from "../recipe/index.js";
import type { TrainGraph } from "./train-graph.js";

/** Pieces of each vocabulary; a language model has only a target. */
export interface VocabularySizes {
  readonly source: number;
  readonly target: number;
}

/** The network that a translation recipe with attention describes. */
export function seq2seqConfig({ model }: Pick<AttentionRecipe, "model">, vocabulary: VocabularySizes): Seq2SeqConfig {
  const { kind: _, cell, encoder, decoder, ...rest } = model;
  return {
    ...rest,
    sourceVocabulary: vocabulary.source,
    targetVocabulary: vocabulary.target,
    encoder: { ...encoder, cell: encoder.cell ?? cell },
    decoder: { ...decoder, cell: decoder.cell ?? cell },
  };
}

/** The network that a recipe for connectionist temporal classification describes. */
export function ctcConfig({ model }: Pick<CtcRecipe, "model">, vocabulary: VocabularySizes): CtcConfig {
  const { kind: _, encoder, ...rest } = model;
  return {
    ...rest,
    sourceVocabulary: vocabulary.source,
    targetVocabulary: vocabulary.target,
    encoder: { ...encoder, cell: encoder.cell ?? model.cell },
  };
}

/** The network that a generation recipe describes. */
export function languageModelConfig(
  { model }: Pick<GenerationRecipe, "model">,
  vocabulary: Pick<VocabularySizes, "target">,
): LanguageModelConfig {
  const { decoder, ...rest } = model;
  return { ...rest, ...decoder, vocabulary: vocabulary.target };
}

/** The graphs that train the model of a recipe. */
export function trainGraphOf(recipe: Recipe, vocabulary: VocabularySizes): TrainGraph {
  const objective = { smoothing: recipe.training.labelSmoothing };
  if (recipe.task === "generation") {
    const state = recipe.data.windows === "carried" ? "carried" : "zero";
    return languageModelTrainGraph(languageModelConfig(recipe, vocabulary), { ...objective, state });
  }
  return byKind(recipe, {
    attention: (r) => seq2seqTrainGraph(seq2seqConfig(r, vocabulary), objective),
    ctc: (r) => ctcTrainGraph(ctcConfig(r, vocabulary)),
  });
}

/** The optimizer that a recipe asks for, over flat arrays of `size` numbers. */
export function optimizerOf({ optimizer }: Pick<TrainingOptions, "optimizer">, size: number): Optimizer {
  return optimizer.kind === "sgd" ? sgd(size, optimizer) : adam(size, optimizer);
}

/** The same as nodes of a graph. */
export function optimizerGraphOf({ optimizer }: Pick<TrainingOptions, "optimizer">): OptimizerGraph {
  return optimizer.kind === "sgd" ? sgdGraph(optimizer) : adamGraph(optimizer);
}

/** The average of the parameters that a recipe asks for, beginning at the first ones. */
export function averageOf({ ema, ntAsgd }: TrainingOptions, first: Float32Array): ParameterAverage | undefined {
  if (ema > 0) return movingAverage(first, { decay: ema });
  return ntAsgd === undefined ? undefined : triggeredAverage(first.length, { interval: ntAsgd });
}

/** The schedule that a recipe asks for; a decay without an end of its own ends with the training. */
export function scheduleOf(training: TrainingOptions, { batchesPerEpoch }: { batchesPerEpoch: number }): Schedule {
  const { schedule, learningRate, maxSteps, maxEpochs } = training;
  const end = Math.min(maxSteps ?? Number.POSITIVE_INFINITY, (maxEpochs ?? Number.POSITIVE_INFINITY) * batchesPerEpoch);
  switch (schedule.kind) {
    case "constant":
      return constant({ learningRate });
    case "inverse-sqrt":
      return inverseSquareRoot({ learningRate, ...schedule });
    case "plateau":
      return plateau({ learningRate, ...schedule });
    case "cosine":
      return cosine({ learningRate, ...schedule, totalSteps: schedule.steps ?? end });
    case "linear":
      return linear({ learningRate, ...schedule, totalSteps: schedule.steps ?? end });
  }
}
