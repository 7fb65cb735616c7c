import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pace } from "./job.js";
import type { JobFiles } from "./job-files.js";

const LOOK_MS = 100;

/**
 * Which process works on which job, as the blob store has it. A store cannot compare and swap: two processes may take a job
 * at the same moment and both work on it until the next renewal. That costs time and nothing else, since a chunk that is
 * done twice is as good as one that is done once.
 */
export class Leases {
  private readonly owner = randomUUID();
  private readonly mine = new Set<string>();

  constructor(
    private readonly files: JobFiles,
    /** How long a lease holds, milliseconds. */
    private readonly durationMs: number,
  ) {}

  /** Jobs whose leases this process is to renew. */
  get held(): readonly string[] {
    return [...this.mine];
  }

  /** Takes a job that nobody holds. false: somebody does. */
  async take(id: string): Promise<boolean> {
    const lease = await this.files.lease(id);
    if (lease && lease.owner !== this.owner && lease.untilMs > Date.now()) return false;
    await this.write(id);
    this.mine.add(id);
    return true;
  }

  /** Holds a job for longer, and tells others how it gets on. false: another has taken it since. */
  async renew(id: string, pace: Pace = {}): Promise<boolean> {
    const lease = await this.files.lease(id);
    if (!this.mine.has(id)) return false;
    if (lease?.owner === this.owner) await this.write(id, pace);
    else this.mine.delete(id);
    return lease?.owner === this.owner;
  }

  /** Lets others take the job at once. */
  async drop(id: string): Promise<void> {
    if (!this.mine.delete(id)) return;
    const lease = await this.files.lease(id);
    if (lease?.owner === this.owner) await this.files.dropLease(id);
  }

  /** Whether a process that was heard of lately holds the job, this one included. */
  async isHeld(id: string): Promise<boolean> {
    return ((await this.files.lease(id))?.untilMs ?? 0) > Date.now();
  }

  /** Resolves when no other process holds the job. */
  async free(id: string): Promise<void> {
    for (;;) {
      const lease = await this.files.lease(id);
      if (!lease || lease.owner === this.owner || lease.untilMs <= Date.now()) return;
      await sleep(LOOK_MS);
    }
  }

  private write(id: string, pace: Pace = {}): Promise<void> {
    return this.files.writeLease(id, { owner: this.owner, untilMs: Date.now() + this.durationMs, ...pace });
  }
}
