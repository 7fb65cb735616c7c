import type { Device } from "../device.js";

export interface CoreSplit {
  /** Engine threads; each holds all models of its engine and runs one batch at a time. */
  readonly threads: number;
  /** Threads inside one operator of one engine thread. */
  readonly intraOpThreads: number;
}

/** Every engine thread holds the weights anew: beyond so many, cores go to operators instead. */
const MOST_THREADS = 8;

/**
 * How the cores are shared when nobody says: an engine thread for each, because two batches on a core each are faster than
 * one batch on both (`carousel bench decode --measure splits`, docs/performance.md). A GPU runs one batch at a time.
 */
export function coreSplit(
  cores: number,
  { device, threads, intraOpThreads }: Partial<CoreSplit> & { readonly device: Device },
): CoreSplit {
  const alone = device === "cuda" || intraOpThreads !== undefined;
  const engines = threads ?? (alone ? 1 : Math.min(cores, MOST_THREADS));
  return { threads: engines, intraOpThreads: intraOpThreads ?? Math.max(1, Math.floor(cores / engines)) };
}
