import type { Resegment, Tokenizer } from "@carousel/tokenizer";
import { Random } from "../random.js";
import type { TokenizerOptions } from "../recipe/index.js";
import type { TokenPair } from "./parallel.js";

const SEGMENTATION_STREAM = 3;

/** What draws other segmentations for training, when the settings of a tokenizer ask for it. Throws TokenizerError. */
export function resegmentOf(tokenizer: Tokenizer, settings: TokenizerOptions): Resegment | undefined {
  if (settings.dropout > 0) return tokenizer.dropout(settings.dropout);
  return settings.samplingAlpha === undefined ? undefined : tokenizer.sampling(settings.samplingAlpha);
}

/** Training data as an epoch sees it: it depends on the number of the epoch and on nothing else. */
export type OfEpoch<T> = (epoch: number) => T;

/** Pairs segmented anew every epoch, on the sides that have something to draw with. */
export function resegmentedPairs(
  pairs: readonly TokenPair[],
  { seed, ...draw }: { seed: number; source: Resegment | undefined; target: Resegment | undefined },
): OfEpoch<readonly TokenPair[]> {
  if (!draw.source && !draw.target) return () => pairs;
  return rememberingLast((epoch) => {
    const random = uniformOf(seed, epoch);
    return pairs.map(({ source, target }) => ({
      source: draw.source?.(source, random) ?? source,
      target: draw.target?.(target, random) ?? target,
    }));
  });
}

/** One text segmented anew every epoch, when there is something to draw with. */
export function resegmentedText(
  tokens: Int32Array,
  { seed, draw }: { seed: number; draw: Resegment | undefined },
): OfEpoch<Int32Array> {
  return draw ? rememberingLast((epoch) => Int32Array.from(draw(tokens, uniformOf(seed, epoch)))) : () => tokens;
}

/** An epoch is asked for several times over: to count its batches, to begin it, and to go back into it. */
function rememberingLast<T>(of: OfEpoch<T>): OfEpoch<T> {
  let last: { epoch: number; value: T } | undefined;
  return (epoch) => {
    if (last?.epoch !== epoch) last = { epoch, value: of(epoch) };
    return last.value;
  };
}

function uniformOf(seed: number, epoch: number): () => number {
  const random = new Random(seed, epoch, SEGMENTATION_STREAM);
  return () => random.uniform();
}
