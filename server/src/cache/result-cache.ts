import type { SegmentResult } from "../queue/port.js";

/** Results by key, as many as the limit allows; those that were asked for last stay longest. */
export interface ResultCache {
  get(key: string): Promise<SegmentResult | undefined>;
  /** Keeps it if it can. */
  set(key: string, result: SegmentResult): Promise<void>;
  size(): Promise<{ readonly entries: number; readonly bytes: number }>;
  close(): Promise<void>;
}

export interface CacheLimits {
  /** All entries together, about. */
  readonly bytes: number;
  /** Milliseconds after which a result is not used any more. */
  readonly ageMs: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** A result as it is kept. */
export interface Kept {
  readonly atMs: number;
  readonly result: SegmentResult;
}
