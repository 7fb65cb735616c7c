import { float32, integers } from "../onnx/runtime.js";
import type { Batch, Epoch, TrainingData } from "./batch.js";
import { bucket, type Lengths, shuffledBuckets } from "./bucketing.js";
import type { TokenPair } from "./parallel.js";
import type { OfEpoch } from "./segmentation.js";
import { BOS, EOS, PAD } from "./special.js";

/** Batches of parallel text for training: shuffled anew every epoch. `pairs` may also differ from epoch to epoch. */
export function translationTraining(
  pairs: readonly TokenPair[] | OfEpoch<readonly TokenPair[]>,
  options: { batchTokens: number; seed: number },
): TrainingData {
  const pairsOf = typeof pairs === "function" ? pairs : () => pairs;
  return {
    epoch(number) {
      const drawn = pairsOf(number);
      return epochOf(drawn, shuffledBuckets(drawn.map(lengthsOf), { ...options, epoch: number }));
    },
  };
}

/** Batches of parallel text for validation: every pair once, in an order that never changes. */
export function translationValidation(pairs: readonly TokenPair[], options: { batchTokens: number }): Epoch {
  const order = pairs.map((_, i) => i);
  return epochOf(pairs, bucket(pairs.map(lengthsOf), order, options));
}

function epochOf(pairs: readonly TokenPair[], buckets: readonly number[][]): Epoch {
  return {
    length: buckets.length,
    sizes(index) {
      const lengths = buckets[index]!.map((i) => lengthsOf(pairs[i]!));
      const longest = (side: "source" | "target") => Math.max(...lengths.map((l) => l[side]));
      return { B: lengths.length, S: longest("source"), T: longest("target") };
    },
    batch: (index) => translationBatch(buckets[index]!.map((i) => pairs[i]!)),
  };
}

/** eos included. */
function lengthsOf(pair: TokenPair): Lengths {
  return { source: pair.source.length + 1, target: pair.target.length + 1 };
}

/** Pairs as time-major, padded tensors. */
export function translationBatch(pairs: readonly TokenPair[]): Batch {
  return rowsBatch(pairs.map(({ source, target }) => ({ source: [...source, EOS], target: [...target, EOS] })));
}

/** Rows that have their eos already as time-major, padded tensors; a target that was cut has none. */
export function rowsBatch(rows: readonly TokenPair[]): Batch {
  const source = timeMajor(rows.map((r) => r.source));
  const targetIn = timeMajor(rows.map((r) => [BOS, ...r.target.slice(0, -1)]));
  const targetOut = timeMajor(rows.map((r) => r.target));
  return {
    feeds: {
      source: integers(source.ids, source.shape),
      source_mask: float32(source.mask, source.shape),
      target_in: integers(targetIn.ids, targetIn.shape),
      target_out: integers(targetOut.ids, targetOut.shape),
      target_mask: float32(targetOut.mask, targetOut.shape),
    },
    sizes: { B: rows.length, S: source.shape[0], T: targetOut.shape[0] },
    targetTokens: targetOut.tokens,
  };
}

interface Padded {
  readonly ids: readonly number[];
  readonly mask: Float32Array;
  readonly shape: readonly [time: number, batch: number];
  readonly tokens: number;
}

/** Rows side by side, one a column, padded to the longest. */
function timeMajor(rows: readonly (readonly number[])[]): Padded {
  const batch = rows.length;
  const time = Math.max(...rows.map((r) => r.length));
  const ids = new Array<number>(time * batch).fill(PAD);
  const mask = new Float32Array(time * batch);
  for (const [b, row] of rows.entries()) {
    for (let t = 0; t < row.length; t++) {
      ids[t * batch + b] = row[t]!;
      mask[t * batch + b] = 1;
    }
  }
  return { ids, mask, shape: [time, batch], tokens: rows.reduce((sum, r) => sum + r.length, 0) };
}
