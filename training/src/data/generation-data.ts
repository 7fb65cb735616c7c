import { float32, int64 } from "../onnx/runtime.js";
import { Random } from "../random.js";
import type { Batch, Epoch, TrainingData } from "./batch.js";
import { DataError } from "./data-error.js";
import type { OfEpoch } from "./segmentation.js";
import { BOS } from "./special.js";

export interface WindowOptions {
  /** Tokens a sequence. */
  readonly windowLength: number;
  /** Tokens a batch: batchTokens / windowLength sequences. */
  readonly batchTokens: number;
}

export interface GenerationTrainingOptions extends WindowOptions {
  readonly seed: number;
  /** random: windows start anywhere. contiguous: the text cut end to end, from an offset that changes by epoch. */
  readonly windows: "random" | "contiguous";
}

const WINDOW_STREAM = 2;

/**
 * Windows of one long text, which may differ from epoch to epoch. An epoch is as many windows as cover the text once.
 * @throws DataError when a text is shorter than a window: of the first epoch here, of others when they begin
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
      return epochOf(drawn, windowStarts(drawn.length, random, options), options);
    },
  };
}

function requireWindow(tokens: Int32Array, { windowLength }: WindowOptions): void {
  if (tokens.length >= windowLength) return;
  throw new DataError(`the training text has ${tokens.length} tokens, fewer than one window of ${windowLength}`);
}

/** The text cut end to end; its last window may be shorter. Every token is predicted once. */
export function generationValidation(tokens: Int32Array, options: WindowOptions): Epoch {
  if (tokens.length === 0) throw new DataError("the validation text is empty");
  const whole = Math.floor(tokens.length / options.windowLength);
  const full = epochOf(
    tokens,
    Array.from({ length: whole }, (_, i) => i * options.windowLength),
    options,
  );
  const rest = tokens.length - whole * options.windowLength;
  if (rest === 0) return full;
  return {
    length: full.length + 1,
    batch: (i) =>
      i < full.length ? full.batch(i) : windowBatch(tokens, { starts: [tokens.length - rest], windowLength: rest }),
  };
}

function windowStarts(size: number, random: Random, options: GenerationTrainingOptions): number[] {
  const { windowLength, windows } = options;
  const count = Math.floor(size / windowLength);
  if (windows === "random") return Array.from({ length: count }, () => random.below(size - windowLength + 1));
  const offset = random.below(Math.min(windowLength, size - windowLength + 1));
  const whole = Math.floor((size - offset) / windowLength);
  return random.shuffle(Array.from({ length: whole }, (_, i) => offset + i * windowLength));
}

function epochOf(tokens: Int32Array, starts: readonly number[], options: WindowOptions): Epoch {
  const { windowLength, batchTokens } = options;
  const width = Math.max(1, Math.floor(batchTokens / windowLength));
  return {
    length: Math.ceil(starts.length / width),
    batch: (i) => windowBatch(tokens, { starts: starts.slice(i * width, (i + 1) * width), windowLength }),
  };
}

/** Windows as time-major tensors; each begins with bos, as a generation does. */
function windowBatch(
  tokens: Int32Array,
  { starts, windowLength }: { starts: readonly number[]; windowLength: number },
): Batch {
  const B = starts.length;
  const targetIn = new BigInt64Array(windowLength * B);
  const targetOut = new BigInt64Array(windowLength * B);
  for (const [b, start] of starts.entries()) {
    for (let t = 0; t < windowLength; t++) {
      targetIn[t * B + b] = t === 0 ? BigInt(BOS) : BigInt(tokens[start + t - 1]!);
      targetOut[t * B + b] = BigInt(tokens[start + t]!);
    }
  }
  const shape = [windowLength, B];
  return {
    feeds: {
      target_in: int64(targetIn, shape),
      target_out: int64(targetOut, shape),
      target_mask: float32(new Float32Array(windowLength * B).fill(1), shape),
    },
    sizes: { B, S: 0, T: windowLength },
    targetTokens: windowLength * B,
  };
}
