import { Random } from "../random.js";
import type { Epoch, TrainingData } from "./batch.js";
import { carriedWindows } from "./carried-windows.js";
import { DataError } from "./data-error.js";
import type { OfEpoch } from "./segmentation.js";
import { windowBatch } from "./window-batch.js";

export interface WindowOptions {
  /** Tokens a sequence. */
  readonly windowLength: number;
  /** Tokens a batch: batchTokens / windowLength sequences. */
  readonly batchTokens: number;
  /**
   * random: windows start anywhere. contiguous: the text cut end to end, from an offset that changes by epoch. carried: the
   * same, in batches whose rows go on where those of the batch before ended.
   */
  readonly windows: "random" | "contiguous" | "carried";
}

export interface GenerationTrainingOptions extends WindowOptions {
  readonly seed: number;
}

const WINDOW_STREAM = 2;

/**
 * Windows of one long text, which may differ from epoch to epoch. An epoch is as many windows as cover the text once.
 * @throws DataError when a text is shorter than it must be: of the first epoch here, of others when they begin
 */
export function generationTraining(
  tokens: Int32Array | OfEpoch<Int32Array>,
  options: GenerationTrainingOptions,
): TrainingData {
  const tokensOf = typeof tokens === "function" ? tokens : () => tokens;
  requireWindow(tokensOf(0), options);
  return {
    epoch(number) {
      const drawn = tokensOf(number);
      requireWindow(drawn, options);
      const random = new Random(options.seed, number, WINDOW_STREAM);
      if (options.windows === "carried") return carriedTraining(drawn, random, options);
      return epochOf(drawn, windowStarts(drawn.length, random, options), options);
    },
  };
}

function requireWindow(tokens: Int32Array, options: WindowOptions): void {
  const { windowLength, windows } = options;
  const least = windows === "carried" ? rowsOf(options) : 1;
  if (tokens.length >= least * windowLength) return;
  const needed = least === 1 ? "one window" : `the ${least} windows of a batch, which training.batchTokens makes, each`;
  throw new DataError(`the training text has ${tokens.length} tokens, fewer than ${needed} of ${windowLength}`);
}

/** Every token is predicted once: windows that may be shorter at the end, or streams of which the last may be shorter. */
export function generationValidation(tokens: Int32Array, options: WindowOptions): Epoch {
  if (tokens.length === 0) throw new DataError("the validation text is empty");
  const { windowLength, windows } = options;
  if (windows === "carried") {
    const rows = Math.min(rowsOf(options), tokens.length);
    return carriedWindows(tokens, { rows, length: Math.ceil(tokens.length / rows), offset: 0, windowLength });
  }
  const whole = Math.floor(tokens.length / windowLength);
  const full = epochOf(
    tokens,
    Array.from({ length: whole }, (_, i) => i * windowLength),
    options,
  );
  const rest = tokens.length - whole * windowLength;
  if (rest === 0) return full;
  const last = { starts: [tokens.length - rest], windowLength: rest, after: "bos" } as const;
  return {
    length: full.length + 1,
    batch: (i) => (i < full.length ? full.batch(i) : windowBatch(tokens, last)),
  };
}

/** Streams of whole windows; the tokens that are left over are another few in every epoch. */
function carriedTraining(tokens: Int32Array, random: Random, options: WindowOptions): Epoch {
  const { windowLength } = options;
  const rows = rowsOf(options);
  const length = Math.floor(tokens.length / (rows * windowLength)) * windowLength;
  const offset = random.below(tokens.length - rows * length + 1);
  return carriedWindows(tokens, { rows, length, offset, windowLength });
}

function windowStarts(size: number, random: Random, options: WindowOptions): number[] {
  const { windowLength, windows } = options;
  const count = Math.floor(size / windowLength);
  if (windows === "random") return Array.from({ length: count }, () => random.below(size - windowLength + 1));
  const offset = random.below(Math.min(windowLength, size - windowLength + 1));
  const whole = Math.floor((size - offset) / windowLength);
  return random.shuffle(Array.from({ length: whole }, (_, i) => offset + i * windowLength));
}

/** Windows as batches; each begins with bos, as a generation does. */
function epochOf(tokens: Int32Array, starts: readonly number[], options: WindowOptions): Epoch {
  const { windowLength } = options;
  const width = rowsOf(options);
  return {
    length: Math.ceil(starts.length / width),
    batch: (i) => windowBatch(tokens, { starts: starts.slice(i * width, (i + 1) * width), windowLength, after: "bos" }),
  };
}

function rowsOf({ windowLength, batchTokens }: WindowOptions): number {
  return Math.max(1, Math.floor(batchTokens / windowLength));
}
