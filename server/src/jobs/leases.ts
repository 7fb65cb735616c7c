import { randomUUID } from "node:crypto";
import type { JobFiles } from "./job-files.js";

/**
 * Which process works on which job, as the blob store has it. A store cannot compare and swap: two processes may take a job
 * at the same moment and both work on it until the next renewal. That costs time and nothing else, since a chunk that is
 * done twice gives the same file.
 */
export class Leases {
  private readonly owner = randomUUID();

  constructor(
    private readonly files: JobFiles,
    /** How long a lease holds, milliseconds. */
    private readonly durationMs: number,
  ) {}

  /** Takes a job that nobody holds. false: somebody does. */
  async take(id: string): Promise<boolean> {
    const lease = await this.files.lease(id);
    if (lease && lease.owner !== this.owner && lease.untilMs > Date.now()) return false;
    await this.write(id);
    return true;
  }

  /** Holds a job for longer. false: another has taken it since. */
  async renew(id: string): Promise<boolean> {
    const lease = await this.files.lease(id);
    if (lease?.owner !== this.owner) return false;
    await this.write(id);
    return true;
  }

  /** Lets others take the job at once. */
  async drop(id: string): Promise<void> {
    const lease = await this.files.lease(id);
    if (lease?.owner === this.owner) await this.files.dropLease(id);
  }

  private write(id: string): Promise<void> {
    return this.files.writeLease(id, { owner: this.owner, untilMs: Date.now() + this.durationMs });
  }
}
