import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { CarouselError } from "../errors.js";
import { Admission, type AdmissionOptions } from "./admission.js";
import { JobLines } from "./bullmq.js";
import { Coalescer } from "./coalescer.js";
import { KEYS } from "./keys.js";
import { LostJobs } from "./lost-jobs.js";
import {
  type Arrival,
  MODEL_GONE,
  type Place,
  type QueueClient,
  type Segment,
  type SegmentEvent,
  type ServedModel,
  type WorkerState,
} from "./port.js";
import { PublishedWords } from "./published-words.js";
import { Quarantine } from "./quarantine.js";
import { checkRedis, connected, patientConnection, promptConnection, type RedisConnection } from "./redis.js";
import { ReplyBook, type Withdrawal } from "./reply-book.js";
import { ReplyReader } from "./reply-stream.js";
import { keepAlive, Roster } from "./roster.js";
import { rankOfTurn } from "./turn.js";

const COALESCE_MS = 2;
const SEGMENTS_PER_JOB = 32;
/** Gateways tell each other so often what they wait for. */
const TELL_MS = 250;
const CONNECT_MS = 10_000;

export interface RedisClientOptions extends AdmissionOptions {
  readonly redisUrl: string;
  readonly log: Logger;
}

/** The gateway's end of the queue. @throws CarouselError UNAVAILABLE when Redis cannot be reached at the start */
export async function createRedisClient(options: RedisClientOptions): Promise<QueueClient> {
  const commands = promptConnection(options.redisUrl);
  const reader = patientConnection(options.redisUrl);
  try {
    await connected(commands, CONNECT_MS);
    await connected(reader, CONNECT_MS);
    await checkRedis(commands, options.log);
  } catch (error) {
    for (const connection of [commands, reader]) connection.disconnect();
    throw error;
  }
  const client = new RedisClient({ ...options, commands, reader });
  await client.start();
  return client;
}

class RedisClient implements QueueClient {
  readonly maxQueued: number;
  private readonly id = randomUUID();
  private readonly commands: RedisConnection;
  private readonly queue: JobLines;
  private readonly roster: Roster;
  private readonly words: PublishedWords;
  private readonly admission: Admission;
  private readonly book = new ReplyBook({
    withdraw: (id, why) => this.withdraw(id, why),
    ended: (event) => this.admission.ended(event),
    late: () => this.admission.lateAnswer(),
  });
  private readonly coalescer: Coalescer;
  private readonly lost: LostJobs;
  private replies: ReplyReader | undefined;
  private telling: NodeJS.Timeout | undefined;
  private endHeartbeat = () => {};

  constructor(private readonly options: RedisClientOptions & { commands: RedisConnection; reader: RedisConnection }) {
    this.maxQueued = options.maxQueued;
    this.commands = options.commands;
    this.queue = new JobLines(this.commands);
    this.roster = new Roster(this.commands);
    this.words = new PublishedWords(this.commands, options.log);
    this.admission = new Admission({ ...options, capacity: () => this.roster.capacity });
    this.coalescer = new Coalescer({
      most: SEGMENTS_PER_JOB,
      waitMs: COALESCE_MS,
      flush: (segments) => void this.enqueue(segments),
      schedule: (callback, ms) => void (ms === 0 ? setImmediate(callback) : setTimeout(callback, ms)),
      now: () => performance.now(),
    });
    this.lost = new LostJobs({
      isWanted: ({ id }) => this.book.has(id),
      isQueued: (job) => this.queue.has(job),
      remove: (job) => this.queue.remove(job),
      isOutdated: (segment) => this.isOutdated(segment),
      giveUp: (segments) => {
        for (const { id } of segments) this.book.fail(id, gone());
      },
      resend: (segments) => void this.resend(segments),
      now: Date.now,
    });
  }

  async start(): Promise<void> {
    const { commands, id: gateway } = this;
    await this.roster.gateway(gateway);
    this.replies = new ReplyReader({
      gateway,
      commands,
      reader: this.options.reader,
      onEvent: (event) => this.book.deliver(event),
    });
    this.telling = setInterval(() => void this.tell().catch(() => {}), TELL_MS);
    this.endHeartbeat = keepAlive(commands, () => this.roster.gateway(gateway));
  }

  enter(arrival: Arrival): Place {
    if (this.commands.status !== "ready") throw unreachable();
    return this.admission.enter(arrival);
  }

  submit(segment: Segment, onEvent: (event: SegmentEvent) => void, signal?: AbortSignal): void {
    this.book.add(segment, onEvent, signal);
    if (!this.book.has(segment.id)) return;
    const refusal = this.commands.status === "ready" ? this.admission.refusal(segment) : unreachable();
    if (refusal) this.book.fail(segment.id, refusal);
    else this.coalescer.add(segment);
  }

  async models(freshness?: "now"): Promise<readonly ServedModel[]> {
    return this.roster.models(freshness).catch(() => {
      throw unreachable();
    });
  }

  knownWords(model: ServedModel) {
    return this.words.of(model);
  }

  async workers(): Promise<readonly WorkerState[]> {
    return this.roster.states().catch(() => {
      throw unreachable();
    });
  }

  async ready(): Promise<void> {
    if (this.commands.status !== "ready") throw unreachable();
    await this.commands.ping().catch(() => {
      throw unreachable();
    });
  }

  async depth(): Promise<number> {
    return this.queue.waiting();
  }

  async quarantined(): Promise<number> {
    return new Quarantine(this.commands).size();
  }

  async close(): Promise<void> {
    clearInterval(this.telling);
    this.endHeartbeat();
    this.book.giveAllUp(new CarouselError("UNAVAILABLE", "the server is shutting down"));
    await this.lost.close();
    await this.replies?.close();
    await this.roster.leave(this.id).catch(() => {});
    await this.queue.close().catch(() => {});
    this.options.reader.disconnect();
    this.commands.disconnect();
  }

  private async enqueue(segments: readonly Segment[]): Promise<void> {
    const wanted = segments.filter((s) => this.book.has(s.id));
    if (wanted.length === 0) return;
    try {
      const job = await this.queue.add(
        { replyTo: this.id, segments: wanted },
        rankOfTurn(this.admission.turn(wanted[0]!)),
      );
      this.lost.add(job, wanted);
    } catch {
      for (const { id } of wanted) this.book.fail(id, unreachable());
    }
  }

  private async resend(segments: readonly Segment[]): Promise<void> {
    this.options.log.warn({ segments: segments.length }, "a job is gone from Redis without its answers: sent again");
    await this.enqueue(segments);
  }

  private async isOutdated({ model, modelVersion }: Segment): Promise<boolean> {
    const versions = (await this.roster.models()).filter(({ name }) => name === model);
    return versions.length > 0 && !versions.some(({ version }) => version === modelVersion);
  }

  private async tell(): Promise<void> {
    this.admission.hear(await this.roster.exchange(this.id, this.admission.load));
  }

  private withdraw(id: string, why: Withdrawal): void {
    this.lost.withdraw(id);
    // a worker knows deadlines itself
    if (why === "CANCELLED") void this.commands.publish(KEYS.cancelled, id).catch(() => {});
  }
}

function gone(): CarouselError {
  return new CarouselError("UNAVAILABLE", "the model's version is served no more", { reason: MODEL_GONE });
}

function unreachable(): CarouselError {
  return new CarouselError("UNAVAILABLE", "the queue (Redis) cannot be reached", { reason: "QUEUE_UNREACHABLE" });
}
