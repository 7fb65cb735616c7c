import type { SearchOptions } from "../queue/port.js";
import type { Unit, UnitResult } from "./formats/unit.js";
import type { JobSettings } from "./job.js";
import { CHUNK, type JobFiles } from "./job-files.js";

/** Chunks of one job on their way at once. */
const IN_FLIGHT = 4;
const RETRY_MS = 1000;

/** Translates units, each to a text or an error; throws UNAVAILABLE or RESOURCE_EXHAUSTED when it is worth another try. */
export type TranslateUnits = (
  units: readonly Unit[],
  settings: { model: string; options: SearchOptions; signal: AbortSignal },
) => Promise<UnitResult[]>;

interface Means {
  readonly files: JobFiles;
  readonly translate: TranslateUnits;
  readonly onChange: () => void;
}

/** Works on a job from now on, until it is done or stopped. */
export class JobRun {
  /** Resolves when the job is done or the work stopped; never rejects. */
  readonly done: Promise<void>;
  private readonly controller = new AbortController();
  private readonly startedMs = Date.now();
  private units = 0;

  constructor(
    private readonly job: JobSettings,
    private readonly means: Means,
  ) {
    this.done = this.work();
  }

  /** Units a second so far. */
  get rate(): number {
    return this.units / Math.max(0.001, (Date.now() - this.startedMs) / 1000);
  }

  async stop(): Promise<void> {
    this.controller.abort();
    await this.done;
  }

  private get isStopped(): boolean {
    return this.controller.signal.aborted;
  }

  private async work(): Promise<void> {
    let next = 0;
    const lane = async () => {
      for (let k = next++; k < this.job.chunks && !this.isStopped; k = next++) {
        await this.untilItWorks(() => this.chunk(k));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    await this.untilItWorks(async () => {
      if (await this.means.files.isOpen(this.job.id)) await this.means.files.end(this.job.id, "done");
    });
    this.means.onChange();
  }

  /** However often it takes: neither the queue nor the store may lose a chunk. */
  private async untilItWorks(attempt: () => Promise<void>): Promise<void> {
    while (!this.isStopped) {
      try {
        return await attempt();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private async chunk(chunk: number): Promise<void> {
    const { job, means } = this;
    if (await means.files.hasResults(job.id, chunk)) return;
    const units = await means.files.input(job.id, chunk);
    const earlier = (await means.files.earlier(job.id, chunk)) ?? [];
    const isMissing = (n: number) => earlier[n]?.text === undefined;
    const { model, options } = job;
    const fresh = await means.translate(
      units.filter((_, n) => isMissing(n)),
      { model, options, signal: this.controller.signal },
    );
    if (this.isStopped) return;
    const results = units.map((_, n) => (isMissing(n) ? fresh.shift()! : earlier[n]!));
    await means.files.writeResults(job.id, { chunk, results });
    this.units += Math.min(CHUNK, results.length);
    means.onChange();
  }
}
