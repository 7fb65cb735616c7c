import type { BatchJob, JobSettings, JobState } from "./job.js";
import type { JobFiles } from "./job-files.js";
import type { Leases } from "./leases.js";
import type { Runs } from "./runs.js";

/** How often a process looks whether a job that it works on was paused or cancelled by way of another one. */
const CONTROL_MS = 1000;
/** A document that nobody has stored more of for so long is cleared away. */
const ABANDONED_MS = 3600_000;

interface UpkeepMeans {
  readonly files: JobFiles;
  readonly leases: Leases;
  readonly runs: Runs;
  readonly leaseMs: number;
  readonly sweepMs: number;
  /** When an ended job is removed, milliseconds since the epoch. */
  readonly expiry: (settings: JobSettings, state: JobState) => BatchJob["expiresMs"];
  readonly remove: (id: string) => Promise<void>;
  /** What is to be done of a job that has ended. true: nothing more. */
  readonly conclude: (settings: JobSettings, state: JobState) => Promise<boolean>;
  readonly onTrouble: (id: string, problem: string) => void;
}

/** What a process does from time to time for the jobs of a blob store. */
export class Upkeep {
  private readonly timers: NodeJS.Timeout[] = [];
  private tasks: Promise<void> = Promise.resolve();

  constructor(private readonly means: UpkeepMeans) {}

  /** Resolves when every open job that nobody works on was taken up. */
  async start(): Promise<void> {
    const { leaseMs, sweepMs } = this.means;
    const every = (ms: number, task: () => Promise<void>) => {
      const timer = setInterval(() => this.inTurn(task), ms);
      timer.unref();
      this.timers.push(timer);
    };
    every(leaseMs / 3, () => this.look());
    every(Math.min(CONTROL_MS, leaseMs / 3), () => this.control());
    every(sweepMs, () => this.sweep());
    await this.inTurn(() => this.look());
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.tasks;
  }

  /** A store that cannot be reached is asked again the next time. */
  private inTurn(task: () => Promise<void>): Promise<void> {
    this.tasks = this.tasks.then(task).catch((error) => this.means.onTrouble("*", (error as Error).message));
    return this.tasks;
  }

  /** Stops working on what was paused or cancelled elsewhere. */
  private async control(): Promise<void> {
    const { files, runs } = this.means;
    for (const [id, run] of runs.all) {
      const now = await files.state(id);
      if (now?.state !== "running" || now.attempt !== run.attempt) await runs.stop(id);
    }
  }

  private async look(): Promise<void> {
    const { files, leases, runs, onTrouble } = this.means;
    for (const id of leases.held) {
      if (!(await leases.renew(id, runs.get(id)?.progress))) await runs.stop(id);
    }
    for (const id of await files.openIds()) {
      await this.attend(id).catch((error) => onTrouble(id, (error as Error).message));
    }
  }

  /** Does for a job what is to be done now, where nobody else does. */
  async attend(id: string): Promise<void> {
    const { files, leases, runs } = this.means;
    if (runs.get(id)) return;
    const settings = await files.find(id);
    const state = settings && (await files.state(id));
    if (!settings || !state) return this.clearAway(id);
    if (state.endedMs !== undefined) return this.close(settings, state);
    if (state.state === "running" && (await leases.take(id))) runs.start(settings, state);
  }

  /** Does what is to be done of a job whose work has just stopped, where it has ended. */
  async conclude(id: string): Promise<void> {
    const { files } = this.means;
    const settings = await files.find(id);
    const state = settings && (await files.state(id));
    if (settings && state?.endedMs !== undefined) await this.close(settings, state);
  }

  private async close(settings: JobSettings, state: JobState): Promise<void> {
    const { files, conclude } = this.means;
    const { id } = settings;
    if (!(await conclude(settings, state))) return;
    await files.close(id);
    // it may have been reopened meanwhile
    if ((await files.state(id))?.endedMs === undefined) await files.open(id);
  }

  /** What is no job: a document on its way, or what is left of one, or of a job whose removal was interrupted. */
  private async clearAway(id: string): Promise<void> {
    const { files, leases } = this.means;
    const lastHeard = Math.max((await files.lease(id))?.untilMs ?? 0, (await files.openedMs(id)) ?? 0);
    if (lastHeard + ABANDONED_MS > Date.now() || (await leases.isHeld(id))) return;
    if (!(await files.find(id))) await files.delete({ id });
  }

  /** Removes what has been kept long enough, and finds what is no job and is not known to be none. */
  private async sweep(): Promise<void> {
    const { files, expiry, remove, onTrouble } = this.means;
    const open = new Set(await files.openIds());
    for (const id of await files.ids()) {
      try {
        const settings = await files.find(id);
        const state = settings && (await files.state(id));
        if (!settings && !open.has(id)) await files.open(id);
        if (settings && state && (expiry(settings, state) ?? Number.POSITIVE_INFINITY) <= Date.now()) await remove(id);
      } catch (error) {
        onTrouble(id, (error as Error).message);
      }
    }
  }
}
