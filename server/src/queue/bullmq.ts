import { type ConnectionOptions, type Job, Queue, Worker } from "bullmq";
import { KEYS } from "./keys.js";
import type { Segment } from "./port.js";
import type { RedisConnection } from "./redis.js";

/**
 * How long a worker holds a job without a word. A worker that dies is missed when its lock has run out and a stalled
 * check comes by: a check marks the jobs in work, the next one takes those that have no lock, so after 5 s + 2 × 2.5 s at
 * most. The lock is renewed at half its time, and the event loop of a worker is never blocked for that long, because
 * decoding has threads of its own.
 */
export const LOCK_MS = 5000;
/** BullMQ never gives a job up by itself: what may not be tried again is decided by the segment (suspects.ts). */
const MOST_STALLS = 1000;
/** BullMQ's event stream, which nobody reads. */
const MOST_EVENTS = 100;

export interface JobData {
  /** Id of the gateway. */
  readonly replyTo: string;
  readonly segments: readonly Segment[];
}

/** A job in a worker's hands. */
export interface TakenJob extends JobData {
  /** Workers that took it and did not end it. */
  readonly stalls: number;
}

/** Puts jobs into the queue. */
export class JobQueue {
  private readonly queue: Queue<JobData>;

  constructor(connection: RedisConnection) {
    this.queue = new Queue<JobData>(KEYS.queue, {
      connection: connection as unknown as ConnectionOptions,
      prefix: KEYS.prefix,
      streams: { events: { maxLen: MOST_EVENTS } },
      skipMetasUpdate: true,
    });
    this.queue.on("error", () => {});
  }

  /** @param priority the lowest is taken first; 1 to 2²¹ @returns the job's id */
  async add(data: JobData, priority: number): Promise<string> {
    // jobs without a priority would run before all others
    const options = { priority, removeOnComplete: true, removeOnFail: true, attempts: 1 };
    return (await this.queue.add("segments", data, options)).id!;
  }

  /** Takes a job out that no worker holds. */
  async remove(id: string): Promise<void> {
    await this.queue.remove(id);
  }

  /** Whether the job is there, waiting or in work. */
  async has(id: string): Promise<boolean> {
    return (await this.queue.getJobState(id)) !== "unknown";
  }

  /** Jobs that no worker holds. */
  async waiting(): Promise<number> {
    const counts = await this.queue.getJobCounts("prioritized", "waiting");
    return Object.values(counts).reduce((sum, n) => sum + n, 0);
  }

  async close(): Promise<void> {
    await this.queue.close();
  }
}

/** Takes jobs from the queue, each at least once. */
export class JobConsumer {
  private readonly worker: Worker<JobData>;

  constructor(options: {
    connection: RedisConnection;
    /** Jobs in hand at once, to begin with. */
    concurrency: number;
    lockMs: number;
    work(job: TakenJob): Promise<void>;
    onError(error: Error): void;
  }) {
    const { connection, concurrency, lockMs, work, onError } = options;
    const take = ({ data, stalledCounter }: Job<JobData>) => work({ ...data, stalls: stalledCounter });
    this.worker = new Worker<JobData>(KEYS.queue, take, {
      connection: connection as unknown as ConnectionOptions,
      prefix: KEYS.prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: MOST_STALLS,
      runRetryDelay: 1000,
    });
    this.worker.on("error", onError);
  }

  /** Sets how many jobs may be in hand from now on. */
  hold(jobs: number): void {
    this.worker.concurrency = jobs;
  }

  async ready(): Promise<void> {
    await this.worker.waitUntilReady();
  }

  /** Takes no more; resolves when all in hand are done. */
  async close(): Promise<void> {
    await this.worker.close();
  }
}
