import { monitorEventLoopDelay } from "node:perf_hooks";

/** What a process used since it was asked last. */
export interface Usage {
  /** Processor time of all its threads, milliseconds. */
  readonly cpuMs: number;
  /** Largest resident size since it started, bytes. */
  readonly peakBytes: number;
  /** How late timers of its main thread were, milliseconds. */
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

const RESOLUTION_MS = 5;
const MILLISECONDS = 1e-6;

/** Watches this process. @returns what tells its use since the last time, or since now */
export function watchUsage(): () => Usage {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let before = cpuMs();
  return () => {
    const now = cpuMs();
    const late = (nanoseconds: number) => Math.max(0, nanoseconds * MILLISECONDS - RESOLUTION_MS);
    const lagMs = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) };
    const used = now - before;
    before = now;
    delay.reset();
    return { cpuMs: used, lagMs, peakBytes: 1024 * process.resourceUsage().maxRSS };
  };
}

/** Processor time of this process so far, milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
