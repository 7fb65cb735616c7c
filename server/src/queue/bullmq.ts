import { randomUUID } from "node:crypto";
import { type ConnectionOptions, type Job, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { CarouselError } from "../errors.js";
import { Coalescer } from "./coalescer.js";
import type {
  Priority,
  QueueClient,
  QueueWorker,
  Segment,
  SegmentEvent,
  SegmentProcessor,
  ServedModel,
} from "./port.js";
import { checkRedis, connected, KEYS, patientConnection, promptConnection } from "./redis.js";
import { ReplyBook } from "./reply-book.js";

/** BullMQ runs jobs without a priority first and 1 before 2, so each has one. */
const PRIORITY: Readonly<Record<Priority, number>> = { interactive: 1, normal: 5, batch: 10 };

/**
 * A worker that dies is missed when its lock runs out and the next stalled check finds its jobs: 5 s + 2 × 2.5 s at most.
 * The lock is renewed at half its time, and the event loop of a worker is never blocked for that long, because decoding
 * has threads of its own.
 */
const LOCK_MS = 5000;
const STALLED_CHECK_MS = 2500;
/** Times a job may lose its worker: more than a rolling restart costs it. */
const MOST_STALLS = 5;

const COALESCE_MS = 2;
const SEGMENTS_PER_JOB = 32;
const REPLY_STREAM_LENGTH = 10_000;
/** A gateway's replies are forgotten so long after the last word from either side. */
const REPLY_STREAM_SECONDS = 120;
const HEARTBEAT_MS = 3000;
const WORKER_ALIVE_MS = 10_000;
const DEPTH_EVERY_MS = 250;
const CONNECT_MS = 10_000;

interface JobData {
  readonly replyTo: string;
  readonly segments: readonly Segment[];
}

export interface BullmqOptions {
  readonly redisUrl: string;
  readonly log: Logger;
}

/** The gateway's end of the queue. @throws CarouselError UNAVAILABLE when Redis cannot be reached at the start */
export async function createBullmqClient(options: BullmqOptions & { maxQueued: number }): Promise<QueueClient> {
  const client = new BullmqClient(options);
  await client.start();
  return client;
}

class BullmqClient implements QueueClient {
  private readonly id = randomUUID();
  private readonly commands: Redis;
  private readonly reader: Redis;
  private readonly queue: Queue<JobData>;
  private readonly book = new ReplyBook((id) => this.withdraw(id));
  private readonly coalescer: Coalescer;
  private timers: NodeJS.Timeout[] = [];
  private queued = 0;
  private closed = false;

  constructor(private readonly options: BullmqOptions & { maxQueued: number }) {
    this.commands = promptConnection(options.redisUrl);
    this.reader = patientConnection(options.redisUrl);
    this.queue = new Queue<JobData>(KEYS.queue, { connection: this.commands as unknown as ConnectionOptions });
    this.queue.on("error", () => {});
    this.coalescer = new Coalescer({
      most: SEGMENTS_PER_JOB,
      waitMs: COALESCE_MS,
      flush: (segments) => void this.enqueue(segments),
      schedule: (callback, ms) => void setTimeout(callback, ms),
    });
  }

  async start(): Promise<void> {
    await connected(this.commands, CONNECT_MS);
    await connected(this.reader, CONNECT_MS);
    await checkRedis(this.commands, this.options.log);
    void this.readReplies();
    const touch = () => void this.commands.expire(KEYS.replies(this.id), REPLY_STREAM_SECONDS).catch(() => {});
    const measure = () => void this.measureDepth().catch(() => {});
    this.timers = [setInterval(touch, (REPLY_STREAM_SECONDS * 1000) / 4), setInterval(measure, DEPTH_EVERY_MS)];
  }

  submit(segment: Segment, onEvent: (event: SegmentEvent) => void, signal?: AbortSignal): void {
    this.book.add(segment, onEvent, signal);
    if (!this.book.has(segment.id)) return;
    if (this.commands.status !== "ready") {
      this.book.fail(segment.id, unreachable());
    } else if (Math.max(this.queued, this.book.size) > this.options.maxQueued) {
      const message = `the queue is full (${this.options.maxQueued} segments)`;
      this.book.fail(
        segment.id,
        new CarouselError("RESOURCE_EXHAUSTED", message, { retryAfterMs: 1000, reason: "QUEUE_FULL" }),
      );
    } else {
      this.coalescer.add(segment);
    }
  }

  async models(): Promise<readonly ServedModel[]> {
    try {
      const alive = await this.commands.zrangebyscore(KEYS.workers, Date.now(), "+inf");
      if (alive.length === 0) return [];
      const published = await this.commands.hmget(KEYS.workerModels, ...alive);
      const models = published.flatMap((json) => (json ? (JSON.parse(json) as ServedModel[]) : []));
      return [...new Map(models.map((m) => [m.name, m])).values()];
    } catch {
      throw unreachable();
    }
  }

  async ready(): Promise<void> {
    if (this.commands.status !== "ready") throw unreachable();
    await this.commands.ping().catch(() => {
      throw unreachable();
    });
  }

  async depth(): Promise<number> {
    await this.measureDepth();
    return this.queued;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearInterval(timer);
    this.book.failAll(new CarouselError("UNAVAILABLE", "the server is shutting down"));
    await this.commands.del(KEYS.replies(this.id)).catch(() => {});
    await this.queue.close().catch(() => {});
    this.reader.disconnect();
    this.commands.disconnect();
  }

  private async enqueue(segments: readonly Segment[]): Promise<void> {
    const wanted = segments.filter((s) => this.book.has(s.id));
    if (wanted.length === 0) return;
    try {
      const data = { replyTo: this.id, segments: wanted };
      const priority = PRIORITY[wanted[0]!.priority];
      await this.queue.add("segments", data, { priority, removeOnComplete: true, removeOnFail: true, attempts: 1 });
    } catch {
      for (const { id } of wanted) this.book.fail(id, unreachable());
    }
  }

  /** Reads the gateway's own stream for ever; after an outage it goes on behind the last reply that it saw. */
  private async readReplies(): Promise<void> {
    let last = "0";
    while (!this.closed) {
      try {
        const key = KEYS.replies(this.id);
        const read = await this.reader.xread("COUNT", 500, "BLOCK", 5000, "STREAMS", key, last);
        for (const [id, fields] of read?.[0]?.[1] ?? []) {
          last = id;
          this.book.deliver(JSON.parse(fields[1]!) as SegmentEvent);
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  private async measureDepth(): Promise<void> {
    const counts = await this.queue.getJobCounts("prioritized", "waiting");
    const jobs = Object.values(counts).reduce((sum, n) => sum + n, 0);
    // jobs hold several segments: the mean of what this gateway has on its way is not known elsewhere, one is the least
    this.queued = jobs;
  }

  private withdraw(id: string): void {
    void this.commands.publish(KEYS.cancelled, id).catch(() => {});
  }
}

/** The worker's end of the queue. */
export function createBullmqWorker(options: BullmqOptions): QueueWorker {
  return new BullmqWorker(options);
}

class BullmqWorker implements QueueWorker {
  private readonly id = randomUUID();
  private readonly commands: Redis;
  private readonly blocking: Redis;
  private readonly subscriber: Redis;
  private readonly controllers = new Map<string, AbortController>();
  private worker: Worker<JobData> | undefined;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(private readonly options: BullmqOptions) {
    this.commands = patientConnection(options.redisUrl);
    this.blocking = patientConnection(options.redisUrl);
    this.subscriber = patientConnection(options.redisUrl);
  }

  async start(processor: SegmentProcessor): Promise<void> {
    const { log } = this.options;
    await connected(this.commands, CONNECT_MS);
    await checkRedis(this.commands, log);
    await this.subscriber.subscribe(KEYS.cancelled);
    this.subscriber.on("message", (_, id) => this.controllers.get(id)?.abort());
    const beat = () => void this.publish(processor).catch(() => {});
    await this.publish(processor);
    this.heartbeat = setInterval(beat, HEARTBEAT_MS);
    this.worker = new Worker<JobData>(KEYS.queue, (job) => this.work(job, processor), {
      connection: this.blocking as unknown as ConnectionOptions,
      concurrency: Math.max(1, Math.floor(processor.capacity / 4)),
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MOST_STALLS,
      runRetryDelay: 1000,
    });
    this.worker.on("error", (error) => log.warn({ err: error }, "queue"));
    await this.worker.waitUntilReady();
  }

  async close(graceMs: number): Promise<void> {
    clearInterval(this.heartbeat);
    await this.commands.zrem(KEYS.workers, this.id).catch(() => {});
    const drained = this.worker?.close();
    const timer = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([drained, timer]);
    for (const controller of this.controllers.values()) controller.abort();
    for (const connection of [this.subscriber, this.blocking, this.commands]) connection.disconnect();
  }

  /** Works on the segments of a job; the job is complete when every reply is in the gateway's stream. */
  private async work({ data }: Job<JobData>, processor: SegmentProcessor): Promise<void> {
    const replies: Promise<unknown>[] = [];
    const reply = (event: SegmentEvent) => void replies.push(this.reply(data.replyTo, event));
    const now = Date.now();
    const orders = data.segments.flatMap((segment) => {
      if (segment.deadline <= now) {
        const message = "the deadline passed in the queue";
        reply({ id: segment.id, type: "error", error: { code: "DEADLINE_EXCEEDED", message } });
        return [];
      }
      const controller = new AbortController();
      this.controllers.set(segment.id, controller);
      return [{ segment, signal: controller.signal }];
    });
    try {
      await processor.process(orders, reply);
      await Promise.all(replies);
    } finally {
      for (const { segment } of orders) this.controllers.delete(segment.id);
    }
  }

  private async reply(gateway: string, event: SegmentEvent): Promise<void> {
    const key = KEYS.replies(gateway);
    await this.commands
      .pipeline()
      .xadd(key, "MAXLEN", "~", REPLY_STREAM_LENGTH, "*", "event", JSON.stringify(event))
      .expire(key, REPLY_STREAM_SECONDS)
      .exec();
  }

  private async publish({ models }: SegmentProcessor): Promise<void> {
    await this.commands
      .multi()
      .zadd(KEYS.workers, Date.now() + WORKER_ALIVE_MS, this.id)
      .hset(KEYS.workerModels, this.id, JSON.stringify(models))
      .exec();
    await this.forgetDead();
  }

  private async forgetDead(): Promise<void> {
    const dead = await this.commands.zrangebyscore(KEYS.workers, "-inf", Date.now() - WORKER_ALIVE_MS);
    if (dead.length === 0) return;
    await this.commands
      .multi()
      .zrem(KEYS.workers, ...dead)
      .hdel(KEYS.workerModels, ...dead)
      .exec();
  }
}

function unreachable(): CarouselError {
  return new CarouselError("UNAVAILABLE", "the queue (Redis) cannot be reached", { reason: "QUEUE_UNREACHABLE" });
}
