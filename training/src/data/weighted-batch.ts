import { float32, integers } from "../onnx/runtime.js";
import type { Batch } from "./batch.js";
import { BOS } from "./special.js";
import { timeMajor } from "./translation-data.js";

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
  const source = timeMajor(rows.map((r) => r.source));
  const targetIn = timeMajor(rows.map((r) => [BOS, ...r.target.slice(0, -1)]));
  const targetOut = timeMajor(rows.map((r) => r.target));
  const batch = rows.length;
  const weights = targetOut.mask.map((inside, at) => inside * rows[at % batch]!.weight);
  return {
    feeds: {
      source: integers(source.ids, source.shape),
      source_mask: float32(source.mask, source.shape),
      target_in: integers(targetIn.ids, targetIn.shape),
      target_out: integers(targetOut.ids, targetOut.shape),
      target_mask: float32(weights, targetOut.shape),
    },
    sizes: { B: batch, S: source.shape[0], T: targetOut.shape[0] },
    targetTokens,
  };
}
