import { randomUUID } from "node:crypto";
import { type ConnectionOptions, type Job, Queue, Worker } from "bullmq";
import { KEYS } from "./keys.js";
import { type Line, lineOf } from "./line.js";
import type { Segment } from "./port.js";
import type { RedisConnection } from "./redis.js";

/**
 * How long a worker holds a job without a word. A worker that dies is missed when its lock has run out and a stalled
 * check comes by: a check marks the jobs in work, the next one takes those that have no lock, so after 5 s + 2 × 2.5 s at
 * most. The lock is renewed at half its time, and the event loop of a worker is never blocked for that long, because
 * decoding has threads of its own.
 */
export const LOCK_MS = 5000;
/** BullMQ never gives a job up by itself: what may not be tried again is decided by the segment (redis-worker.ts). */
const MOST_STALLS = 1000;
/** Versions of models whose queues are at hand; each has listeners on the connection. */
const MOST_LINES = 100;
/** BullMQ's event stream, which nobody reads. */
const MOST_EVENTS = 100;

export interface JobData {
  /** Id of the gateway. */
  readonly replyTo: string;
  /** All of one version of one model; at least one. */
  readonly segments: readonly Segment[];
}

/** A job in a worker's hands. */
export interface TakenJob extends JobData {
  /** Workers that took it and did not end it. */
  readonly stalls: number;
}

/** Puts jobs into the lines of their models. A job's id names its line too. */
export class JobLines {
  /** Those used last are the last. */
  private readonly queues = new Map<Line, Queue<JobData>>();

  constructor(private readonly connection: RedisConnection) {}

  /** @param priority the lowest is taken first; 1 to 2²¹ @returns the job's id */
  async add(data: JobData, priority: number): Promise<string> {
    // BullMQ counts jobs in Redis: when that is emptied, new ones would have the names of those that were lost
    const jobId = randomUUID();
    // jobs without a priority would run before all others
    const options = { jobId, priority, removeOnComplete: true, removeOnFail: true, attempts: 1 };
    const line = lineOf(data.segments[0]!);
    if (!this.queues.has(line)) await this.connection.sadd(KEYS.lines, line);
    await this.queue(line).add("segments", data, options);
    return `${line}/${jobId}`;
  }

  /** Takes a job out, unless a worker holds it. @returns whether it is gone */
  async remove(job: string): Promise<boolean> {
    const { line, id } = partsOf(job);
    return (await this.queue(line).remove(id)) === 1;
  }

  /** Whether the job is there, waiting or in work. */
  async has(job: string): Promise<boolean> {
    const { line, id } = partsOf(job);
    return (await this.queue(line).getJobState(id)) !== "unknown";
  }

  /** Jobs of a line that no worker holds. */
  async waitingIn(line: Line): Promise<number> {
    const counts = await this.queue(line).getJobCounts("prioritized", "waiting");
    return Object.values(counts).reduce((sum, n) => sum + n, 0);
  }

  /** Jobs of all lines that no worker holds. */
  async waiting(): Promise<number> {
    const lines = new Set([...(await this.connection.smembers(KEYS.lines)), ...this.queues.keys()]);
    const counts = await Promise.all(Array.from(lines, (line) => this.waitingIn(line)));
    return counts.reduce((sum, n) => sum + n, 0);
  }

  /** BullMQ keeps 10,000 events of a queue unless its scripts find another number there. */
  async keepFewEvents(line: Line): Promise<void> {
    await this.connection.hset(`${KEYS.prefix}:${line}:meta`, "opts.maxLenEvents", MOST_EVENTS);
  }

  /** Removes all that is kept of a line, unless a worker holds a job of it. A job that waits in it is missed by its gateway. */
  async forget(line: Line): Promise<void> {
    const queue = this.queue(line);
    try {
      await queue.obliterate();
      await this.connection.srem(KEYS.lines, line);
    } catch {
      await queue.resume(); // to obliterate begins with a pause
    }
    // where it was forgotten by another worker meanwhile, what was said of it is all that is left
    const isForgotten = (await this.connection.sismember(KEYS.lines, line)) === 0;
    if (isForgotten) await this.connection.unlink(`${KEYS.prefix}:${line}:events`);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.queues.values(), (queue) => queue.close()));
  }

  private queue(line: Line): Queue<JobData> {
    const queue = this.queues.get(line) ?? this.begin(line);
    this.queues.delete(line);
    this.queues.set(line, queue);
    return queue;
  }

  private begin(line: Line): Queue<JobData> {
    const [oldest] = this.queues;
    if (oldest && this.queues.size >= MOST_LINES) {
      this.queues.delete(oldest[0]);
      void oldest[1].close();
    }
    const queue = new Queue<JobData>(line, {
      connection: this.connection as unknown as ConnectionOptions,
      prefix: KEYS.prefix,
      skipMetasUpdate: true,
    });
    queue.on("error", () => {});
    return queue;
  }
}

function partsOf(job: string): { line: Line; id: string } {
  const at = job.lastIndexOf("/");
  return { line: job.slice(0, at), id: job.slice(at + 1) };
}

/** Takes jobs from a line, each at least once. */
export class JobConsumer {
  private readonly worker: Worker<JobData>;

  constructor(options: {
    line: Line;
    connection: RedisConnection;
    /** Jobs in hand at once, to begin with. */
    concurrency: number;
    lockMs: number;
    work(job: TakenJob): Promise<void>;
    onError(error: Error): void;
  }) {
    const { line, connection, concurrency, lockMs, work, onError } = options;
    const take = ({ data, stalledCounter }: Job<JobData>) => work({ ...data, stalls: stalledCounter });
    this.worker = new Worker<JobData>(line, take, {
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
