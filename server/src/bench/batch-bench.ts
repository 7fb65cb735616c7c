import { type BatchSeconds, batchLoad } from "./load/batch-load.js";
import { Stack } from "./stack.js";

const MODEL = "bench";
const WORKERS = 2;

export interface BatchBench {
  readonly lines: number;
  readonly seconds: BatchSeconds;
  /** Largest resident size, bytes, of each process since it started. */
  readonly peak: { readonly gateway: number; readonly workers: readonly number[] };
  /** Largest `used_memory` of Redis, bytes. */
  readonly redisPeak: number;
}

/** One batch job of many lines through a gateway, Redis and two workers with an engine that answers at once. */
export async function benchBatch({ lines }: { lines: number }): Promise<BatchBench> {
  const stack = await Stack.start({ engine: { kind: "instant" }, workers: WORKERS });
  try {
    const seconds = await batchLoad(stack.grpcPort, { model: MODEL, lines });
    return { lines, seconds, ...(await stack.peaks()) };
  } finally {
    await stack.stop();
  }
}
