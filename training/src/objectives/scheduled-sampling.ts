import type { Batch } from "../data/batch.js";
import { BOS, EOS, PAD } from "../data/special.js";
import { floats, int64, int64s } from "../onnx/runtime.js";
import { Random } from "../random.js";
import type { Objective } from "../trainer/objective.js";

/** How the share of right tokens that the decoder reads falls with the steps; never below `floor`. */
export type SamplingDecay =
  /** From 1 to the floor in so many steps. */
  | { readonly kind: "linear"; readonly steps: number; readonly floor: number }
  /** base^step */
  | { readonly kind: "exponential"; readonly base: number; readonly floor: number }
  /** k / (k + exp(step / k)): near 1 for long, then down; it is a half at step k·ln k. */
  | { readonly kind: "inverse-sigmoid"; readonly k: number; readonly floor: number };

/** The share ε of right tokens at a step; the first step is 1. The three decays of Bengio et al. (2015). */
export function rightShare(decay: SamplingDecay, step: number): number {
  return Math.max(decay.floor, unbounded(decay, step));
}

function unbounded(decay: SamplingDecay, step: number): number {
  switch (decay.kind) {
    case "linear":
      return 1 - ((1 - decay.floor) * step) / decay.steps;
    case "exponential":
      return decay.base ** step;
    case "inverse-sigmoid":
      return decay.k / (decay.k + Math.exp(step / decay.k));
  }
}

export interface ScheduledSamplingOptions {
  readonly decay: SamplingDecay;
  readonly seed: number;
  /** The likeliest next token after each right prefix of a batch: int64 [T, B]. */
  readonly predict: (batch: Batch) => Promise<BigInt64Array>;
}

const STREAM = 0x5c4d;

/**
 * Scheduled sampling (Bengio et al. 2015): with probability 1 − ε the decoder reads, in place of the right token, what the
 * model itself says there. In two passes (Mihaylova & Martins 2019): a pass of teacher forcing gives the predictions, which
 * then replace a random part of what the second, the step, reads. The targets stay the right ones.
 */
export class ScheduledSampling implements Objective {
  constructor(private readonly options: ScheduledSamplingOptions) {}

  async prepare(batch: Batch, step: number): Promise<Batch> {
    const { decay, seed, predict } = this.options;
    const share = rightShare(decay, step);
    if (share >= 1) return batch;
    const predicted = await predict(batch);
    const random = new Random(seed, step, STREAM);
    return withPredictions(batch, { predicted, replaced: () => random.uniform() >= share });
  }

  async release(): Promise<void> {}
}

/** Not what a decoder reads: a sentence that it ends or pads has no next token. */
const NEVER_READ = new Set([PAD, BOS, EOS].map(BigInt));

/** The batch with predictions [T, B] where they are to replace what is read one step later. */
export function withPredictions(
  batch: Batch,
  { predicted, replaced }: { predicted: BigInt64Array; replaced: () => boolean },
): Batch {
  const right = batch.feeds.target_in!;
  const mask = floats(batch.feeds.target_mask!);
  const read = int64s(right).slice();
  for (let at = batch.sizes.B; at < read.length; at++) {
    const said = predicted[at - batch.sizes.B]!;
    if (mask[at] !== 0 && !NEVER_READ.has(said) && replaced()) read[at] = said;
  }
  return { ...batch, feeds: { ...batch.feeds, target_in: int64(read, right.dims) } };
}
