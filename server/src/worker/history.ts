import type { Sentence } from "./running-batch.js";
import { integers, integersOf, type Tensor } from "./tensor.js";

/** Where a sentence's rows come from: its index in the last batch, and the slots it had there; 0 for one that joins. */
interface Member {
  readonly index: number;
  readonly beam: number;
}

/** Columns are added so many at a time. */
const GRAIN = 16;

/**
 * What each row of a batch has chosen so far, [R, H], the last token last and −1 in front of the first. H is what those
 * need who guard against repetition: 0 while there are none.
 */
export class History {
  private tokens: Int32Array = new Int32Array(0);
  private width = 0;

  /** Rows of the next batch, in their order. */
  stack(members: readonly Member[], beam: number): void {
    const { width, tokens } = this;
    const stacked = new Int32Array(members.length * beam * width).fill(-1);
    members.forEach(({ index, beam: before }, n) => {
      const length = Math.min(beam, before) * width;
      stacked.set(tokens.subarray(index * before * width, index * before * width + length), n * beam * width);
    });
    this.tokens = stacked;
  }

  /** The history [R, H] that `steps` more steps need. */
  feed(sentences: readonly Sentence[], { beam, steps }: { beam: number; steps: number }): Tensor {
    const needed = Math.max(0, ...sentences.filter(isGuarded).map((s) => s.position + steps));
    this.widen(Math.ceil(needed / GRAIN) * GRAIN, sentences.length * beam);
    return integers(this.tokens, [sentences.length * beam, this.width]);
  }

  /** @param next the history after a run */
  carry(next: Tensor | undefined): void {
    this.tokens = integersOf(next);
  }

  /** Longer or shorter in front. */
  private widen(width: number, rows: number): void {
    if (width === this.width) return;
    const widened = new Int32Array(rows * width).fill(-1);
    const kept = Math.min(width, this.width);
    for (let row = 0; row < rows; row++) {
      const end = (row + 1) * this.width;
      widened.set(this.tokens.subarray(end - kept, end), (row + 1) * width - kept);
    }
    this.tokens = widened;
    this.width = width;
  }
}

function isGuarded({ repetitionPenalty, noRepeatNgram }: Sentence): boolean {
  return repetitionPenalty !== 1 || noRepeatNgram > 0;
}
