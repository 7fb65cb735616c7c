import { Random } from "../random.js";

export interface Lengths {
  readonly source: number;
  readonly target: number;
}

export interface BucketingOptions {
  /** Largest batch: sentences × longest side. A sentence that is longer alone is a batch of its own. */
  readonly batchTokens: number;
}

/** Indices of sentences by batch, sentences of similar length together, so that little is padding. */
export function bucket(lengths: readonly Lengths[], order: readonly number[], options: BucketingOptions): number[][] {
  const sorted = [...order].sort((a, b) => compareLengths(lengths[a]!, lengths[b]!));
  const batches: number[][] = [];
  let current: number[] = [];
  let longest = 0;
  for (const index of sorted) {
    const length = Math.max(lengths[index]!.source, lengths[index]!.target);
    const width = Math.max(longest, length);
    if (current.length > 0 && width * (current.length + 1) > options.batchTokens) {
      batches.push(current);
      current = [];
      longest = 0;
    }
    current.push(index);
    longest = Math.max(longest, length);
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/** The buckets of one epoch: which sentences share a batch, and the order of the batches, follow from seed and epoch. */
export function shuffledBuckets(
  lengths: readonly Lengths[],
  options: BucketingOptions & { seed: number; epoch: number },
): number[][] {
  const random = new Random(options.seed, options.epoch, ORDER_STREAM);
  const order = random.shuffle(lengths.map((_, i) => i));
  return random.shuffle(bucket(lengths, order, options));
}

const ORDER_STREAM = 1;

/** By the longer side, then by each: sorting is stable, so equal ones stay in their random order. */
function compareLengths(a: Lengths, b: Lengths): number {
  return Math.max(a.source, a.target) - Math.max(b.source, b.target) || a.target - b.target || a.source - b.source;
}
