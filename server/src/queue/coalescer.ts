import type { Segment } from "./port.js";

export interface CoalescerOptions {
  /** Segments a job at most. */
  readonly most: number;
  /** Milliseconds that a segment waits for company at most, where others went just before; else it goes at once. */
  readonly waitMs: number;
  readonly flush: (segments: readonly Segment[]) => void;
  /** Calls back after so many milliseconds; 0: when what is to be done now is done. */
  readonly schedule: (callback: () => void, ms: number) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Puts segments of concurrent calls that want the same thing into one job: a job costs the queue the same, however many. */
export class Coalescer {
  private readonly groups = new Map<string, Segment[]>();
  private flushed = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: CoalescerOptions) {}

  add(segment: Segment): void {
    const { task, model, modelVersion, priority, share, options } = segment;
    const key = JSON.stringify([task, model, modelVersion, priority, share?.name, options]);
    const group = this.groups.get(key);
    if (!group) {
      this.groups.set(key, [segment]);
      const { now, waitMs, schedule } = this.options;
      schedule(() => this.flush(key), now() - this.flushed > waitMs ? 0 : waitMs);
      if (this.options.most === 1) this.flush(key);
      return;
    }
    group.push(segment);
    if (group.length >= this.options.most) this.flush(key);
  }

  private flush(key: string): void {
    const group = this.groups.get(key);
    if (!group) return;
    this.groups.delete(key);
    this.flushed = this.options.now();
    this.options.flush(group);
  }
}
