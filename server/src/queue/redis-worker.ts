import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { within } from "../within.js";
import { LOCK_MS, type TakenJob } from "./bullmq.js";
import { KEYS } from "./keys.js";
import { type Line, lineFor } from "./line.js";
import { OrderBook } from "./order-book.js";
import { type QueueWorker, type Segment, type SegmentEvent, type SegmentProcessor, stateOf } from "./port.js";
import { publishWords } from "./published-words.js";
import { Quarantine } from "./quarantine.js";
import { checkRedis, connected, patientConnection, type RedisConnection } from "./redis.js";
import { ReplyWriter } from "./reply-stream.js";
import { keepAlive, Roster } from "./roster.js";
import { WorkerLines } from "./worker-lines.js";

const CONNECT_MS = 10_000;
/** Redis may be gone when a worker ends. */
const LEAVE_MS = 1000;
/** Of a cluster, the node that has them may be gone. */
const PUBLISH_MS = 1000;
/** A job that lost so many workers is taken apart: its segments are worked on one at a time. */
const STALLS_IN_COMPANY = 2;
/** Workers that a segment may take along alone. */
const STALLS_ALONE = 1;

export interface RedisWorkerOptions {
  readonly redisUrl: string;
  readonly log: Logger;
  /** Milliseconds after which a worker that is silent loses its jobs to another. Default: 5 s. */
  readonly lockMs?: number;
}

/** The worker's end of the queue. */
export function createRedisWorker(options: RedisWorkerOptions): QueueWorker {
  return new RedisWorker(options);
}

class RedisWorker implements QueueWorker {
  private readonly id = randomUUID();
  private readonly commands: RedisConnection;
  private readonly blocking: RedisConnection;
  private readonly subscriber: RedisConnection;
  private readonly orders = new OrderBook();
  private readonly replies: ReplyWriter;
  private readonly quarantine: Quarantine;
  private readonly roster: Roster;
  /** Ids of gateways that have gone. */
  private gone: ReadonlySet<string> = new Set();
  private suspects: Promise<void> = Promise.resolve();
  private processor: SegmentProcessor | undefined;
  private lines: WorkerLines | undefined;
  private endHeartbeat = () => {};

  constructor(private readonly options: RedisWorkerOptions) {
    this.commands = patientConnection(options.redisUrl);
    this.blocking = patientConnection(options.redisUrl);
    this.subscriber = patientConnection(options.redisUrl);
    this.replies = new ReplyWriter(this.commands);
    this.quarantine = new Quarantine(this.commands);
    this.roster = new Roster(this.commands);
  }

  async start(processor: SegmentProcessor): Promise<void> {
    const { log } = this.options;
    await connected(this.commands, CONNECT_MS);
    await checkRedis(this.commands, log);
    this.subscriber.on("message", (_, id: string) => this.orders.cancel(id));
    await this.subscriber.subscribe(KEYS.cancelled);
    this.processor = processor;
    this.lines = new WorkerLines({
      commands: this.commands,
      blocking: this.blocking,
      lockMs: this.options.lockMs ?? LOCK_MS,
      capacity: () => processor.capacity,
      work: (job) => this.work(job, processor),
      isServed: (line) => this.roster.serves(line),
      onError: (error) => log.warn({ err: error }, "queue"),
    });
    await this.announce();
    this.endHeartbeat = keepAlive(this.commands, () => this.beat(processor));
  }

  async announce(): Promise<void> {
    const { processor, lines } = this;
    if (!processor || !lines) return;
    const served: Line[] = processor.models.map(lineFor);
    await this.beat(processor);
    await lines.enter(served);
    await lines.leaveAllBut(served);
  }

  async close(graceMs: number): Promise<void> {
    this.processor = undefined; // nothing is announced any more
    this.endHeartbeat();
    await within(LEAVE_MS, this.roster.leave(this.id)).catch(() => {});
    if (this.lines) await within(graceMs, this.lines.close()).catch(() => {});
    this.orders.cancelAll();
    for (const connection of [this.subscriber, this.blocking, this.commands]) connection.disconnect();
  }

  /** Works on the segments of a job; the job is complete when every reply is in the gateway's stream. */
  private async work(job: TakenJob, processor: SegmentProcessor): Promise<void> {
    if (this.gone.has(job.replyTo)) return;
    if (job.stalls < STALLS_IN_COMPANY) return this.answer(job.replyTo, job.segments, processor);
    this.options.log.warn({ stalls: job.stalls, segments: job.segments.length }, "a job lost several workers");
    const turn = this.suspects.then(() => this.answerEachAlone(job, processor));
    this.suspects = turn.catch(() => {});
    return turn;
  }

  private async answer(gateway: string, segments: readonly Segment[], processor: SegmentProcessor): Promise<void> {
    const replies: Promise<unknown>[] = [];
    const reply = (event: SegmentEvent) => {
      const written = this.replies.write(gateway, event);
      written.catch(() => {}); // looked at when all have been given
      replies.push(written);
    };
    const now = Date.now();
    for (const { id } of segments.filter((s) => s.deadline <= now)) {
      reply(failure(id, "DEADLINE_EXCEEDED", "the deadline passed in the queue"));
    }
    const orders = this.orders.open(segments.filter((s) => s.deadline > now));
    try {
      await processor.process(orders, reply);
      await Promise.all(replies);
    } finally {
      this.orders.close(orders);
    }
  }

  /** One suspect at a time, so that it is known which of them it was. */
  private async answerEachAlone({ replyTo, segments }: TakenJob, processor: SegmentProcessor): Promise<void> {
    for (const segment of segments) {
      const deaths = await this.quarantine.begin(segment);
      if (deaths < STALLS_ALONE) {
        await this.answer(replyTo, [segment], processor);
        await this.quarantine.end(segment);
      } else {
        const reason = `took along at least ${STALLS_IN_COMPANY + deaths} workers, ${deaths} of them alone`;
        await this.quarantine.put(segment, reason);
        this.options.log.error({ segment: segment.id, requestId: segment.requestId, reason }, "quarantined");
        await this.replies.write(
          replyTo,
          failure(segment.id, "INTERNAL", `the request is in quarantine: it ${reason}`),
        );
      }
    }
  }

  private async beat(processor: SegmentProcessor): Promise<void> {
    // first, so that they are there for who hears of a model; where they cannot be written it is served without
    await within(PUBLISH_MS, publishWords(this.commands, processor)).catch(() => {});
    await this.roster.worker(this.id, stateOf(processor));
    this.gone = new Set(await this.roster.goneGateways());
  }
}

function failure(id: string, code: "DEADLINE_EXCEEDED" | "INTERNAL", message: string): SegmentEvent {
  const details = code === "INTERNAL" ? { reason: "QUARANTINED" } : {};
  return { id, type: "error", error: { code, message, details } };
}
