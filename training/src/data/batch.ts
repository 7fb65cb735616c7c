import type { Feeds } from "../onnx/runtime.js";

/** Sizes of a batch: B sentences, S longest source, T longest target. */
export const BATCH_SYMBOLS = ["B", "S", "T"] as const;
export type BatchSymbol = (typeof BATCH_SYMBOLS)[number];

/** The sizes of one batch by their symbols. */
export type BatchSizes = Readonly<Record<BatchSymbol, number>>;

/** What one training step sees. */
export interface Batch {
  /** source, source_mask, target_in, target_out, target_mask; see TrainGraph for the shapes. */
  readonly feeds: Feeds;
  readonly sizes: BatchSizes;
  /** Target tokens without padding, eos included. */
  readonly targetTokens: number;
  /** Its rows go on where those of the batch before it ended, and so does a state that is carried; otherwise that is zero. */
  readonly continues?: true;
}

/** Batches in the order they are trained on; made when asked for. */
export interface Epoch {
  readonly length: number;
  batch(index: number): Batch;
  /** The sizes of a batch without making it, where that is less work. */
  sizes?(index: number): BatchSizes;
}

/** Training data: what an epoch holds depends on its number and on nothing else, so that training can be resumed. */
export interface TrainingData {
  epoch(number: number): Epoch;
}
