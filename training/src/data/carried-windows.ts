import type { Epoch } from "./batch.js";
import { windowBatch } from "./window-batch.js";

export interface Streams {
  /** Number of streams: the rows of every batch. */
  readonly rows: number;
  /** Tokens of each. What would lie behind the end of the text is padding. */
  readonly length: number;
  /** Where the first begins; the others follow end to end. */
  readonly offset: number;
  /** Tokens a batch takes of each; the last batch may have fewer. */
  readonly windowLength: number;
}

/** A text cut into streams side by side. A batch goes on where the one before it ended, row by row; the first begins with bos. */
export function carriedWindows(tokens: Int32Array, { rows, length, offset, windowLength }: Streams): Epoch {
  const lengthOf = (i: number) => Math.min(windowLength, length - i * windowLength);
  const startsOf = (i: number) => Array.from({ length: rows }, (_, r) => offset + r * length + i * windowLength);
  return {
    length: Math.ceil(length / windowLength),
    sizes: (i) => ({ B: rows, S: 0, T: lengthOf(i) }),
    batch: (i) => ({
      ...windowBatch(tokens, {
        starts: startsOf(i),
        windowLength: lengthOf(i),
        after: i === 0 ? "bos" : "text",
      }),
      ...(i === 0 ? {} : { continues: true }),
    }),
  };
}
