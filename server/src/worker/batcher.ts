import type { Priority } from "../queue/port.js";

/** What the batcher knows of a piece of work. */
export interface Candidate {
  readonly priority: Priority;
  /** Milliseconds since the epoch, after which nobody wants the answer. */
  readonly deadline: number;
  readonly beamSize: number;
  /** Source tokens; 1 where there is no source. */
  readonly sourceLength: number;
  /** Finished, cancelled or failed: it gives its place up. */
  readonly isOver: boolean;
}

export interface BatchLimits {
  /** Most sentences in a running batch. */
  readonly maxSentences: number;
  /** Most tokens in a running batch: sentences × largest beam × longest source, padding included. */
  readonly maxTokens: number;
}

/** What happens to a running batch before its next run. */
export interface Plan<T> {
  /** Indices of those that stay. */
  readonly keep: readonly number[];
  readonly join: readonly T[];
  /** Those, running or waiting, whose deadline has passed. */
  readonly expired: readonly T[];
}

const RANK: Readonly<Record<Priority, number>> = { interactive: 0, normal: 1, batch: 2 };

/**
 * Decides who joins and who leaves a running batch; it performs nothing and asks no clock. Several running batches may
 * draw from it. Higher priority first, then first come, first served. The first in line is never overtaken while there
 * is no room for it, so that a long sentence is not starved by short ones; it fits an empty batch, whatever its length.
 */
export class Batcher<T extends Candidate> {
  private waiting: T[] = [];

  constructor(private readonly limits: BatchLimits) {}

  get depth(): number {
    return this.waiting.length;
  }

  add(item: T): void {
    const rank = RANK[item.priority];
    let at = this.waiting.length;
    while (at > 0 && RANK[this.waiting[at - 1]!.priority] > rank) at--;
    this.waiting.splice(at, 0, item);
  }

  /** @param now milliseconds since the epoch */
  next(running: readonly T[], now: number): Plan<T> {
    const late = (item: T) => !item.isOver && item.deadline <= now;
    const expired = [...running, ...this.waiting].filter(late);
    const keep = [...running.keys()].filter((n) => !running[n]!.isOver && !late(running[n]!));
    this.waiting = this.waiting.filter((item) => !item.isOver && !late(item));
    return { keep, join: this.take(keep.map((n) => running[n]!)), expired };
  }

  private take(staying: readonly T[]): T[] {
    let size = staying.reduce(grown, EMPTY);
    let joined = 0;
    for (const item of this.waiting) {
      const larger = grown(size, item);
      if (size.sentences > 0 && !this.fits(larger)) break;
      size = larger;
      joined++;
    }
    return this.waiting.splice(0, joined);
  }

  private fits({ sentences, beam, source }: Size): boolean {
    return sentences <= this.limits.maxSentences && sentences * beam * source <= this.limits.maxTokens;
  }
}

interface Size {
  readonly sentences: number;
  readonly beam: number;
  readonly source: number;
}

const EMPTY: Size = { sentences: 0, beam: 1, source: 1 };

function grown(size: Size, { beamSize, sourceLength }: Candidate): Size {
  return {
    sentences: size.sentences + 1,
    beam: Math.max(size.beam, beamSize),
    source: Math.max(size.source, sourceLength),
  };
}
