import { float32, floats } from "../onnx/runtime.js";
import type { Batch } from "./batch.js";
import { rowsBatch } from "./translation-data.js";

/** A source, a sequence to predict from it, and how much its −ln p counts in the loss. */
export interface WeightedRow {
  /** Ends with eos. */
  readonly source: readonly number[];
  /** Ends with eos, unless it was cut. At least one token. */
  readonly target: readonly number[];
  /** Any sign: a sequence of negative weight is made less likely. */
  readonly weight: number;
}

/**
 * A batch whose loss is Σ weight · −ln p(target | source): the mask of a row's tokens is its weight.
 * @param targetTokens what the loss is divided by
 */
export function weightedBatch(rows: readonly WeightedRow[], { targetTokens }: { targetTokens: number }): Batch {
  const { feeds, sizes } = rowsBatch(rows);
  const mask = feeds.target_mask!;
  const weights = floats(mask).map((inside, at) => inside * rows[at % sizes.B]!.weight);
  return { feeds: { ...feeds, target_mask: float32(weights, mask.dims) }, sizes, targetTokens };
}
