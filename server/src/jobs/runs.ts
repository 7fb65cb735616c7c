import { ChunkBudget } from "./chunk-budget.js";
import type { JobSettings, JobState } from "./job.js";
import { JobRun, type Means } from "./job-run.js";
import type { Leases } from "./leases.js";

/** Chunks of all jobs of a process that are on their way at most, and how long each should take. */
const BUDGET = { most: 32, targetMs: 10_000 };

interface RunsMeans extends Omit<Means, "budget" | "onChange" | "onTrouble"> {
  /** A job is not worked on any more here. */
  readonly onStop: (id: string) => void;
  readonly leases: Leases;
  readonly onChange: (id: string) => void;
  readonly onTrouble: (id: string, problem: string) => void;
}

/** The jobs that this process works on. */
export class Runs {
  private readonly runs = new Map<string, { run: JobRun; ended: Promise<void> }>();
  private readonly budget = new ChunkBudget(BUDGET);

  constructor(private readonly means: RunsMeans) {}

  get(id: string): JobRun | undefined {
    return this.runs.get(id)?.run;
  }

  get all(): readonly (readonly [string, JobRun])[] {
    return [...this.runs].map(([id, { run }]) => [id, run]);
  }

  /** Its lease must be held. */
  start(settings: JobSettings, { attempt }: JobState): void {
    const { id } = settings;
    if (this.runs.has(id)) return;
    const { files, translate, publish, onChange, onStop, onTrouble } = this.means;
    const run = new JobRun(settings, attempt, {
      files,
      translate,
      publish,
      budget: this.budget,
      onChange: () => onChange(id),
      onTrouble: (problem) => onTrouble(id, problem),
    });
    const ended = run.done
      .then(() => this.means.leases.drop(id))
      .catch(() => {}) // a lease that cannot be dropped ends by itself
      .finally(() => {
        this.runs.delete(id);
        onStop(id);
      });
    this.runs.set(id, { run, ended });
  }

  /** Resolves when nothing of the job is worked on here, and others may take it up. */
  async stop(id: string): Promise<void> {
    const known = this.runs.get(id);
    void known?.run.stop();
    await known?.ended;
  }
}
