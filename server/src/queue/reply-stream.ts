import { setTimeout as sleep } from "node:timers/promises";
import { ReplyError } from "ioredis";
import { KEYS } from "./keys.js";
import type { SegmentEvent } from "./port.js";
import type { RedisConnection } from "./redis.js";
import { pack, unpack } from "./wire.js";

/** Entries a stream holds at most, about; a gateway takes out what it has read. */
const MOST_ENTRIES = 10_000;
/** A gateway's replies are forgotten so long after the last word from either side. */
const SECONDS = 60;
const TRIM_MS = 1000;
const BLOCK_MS = 2000;
const RETRY_MS = 100;

interface Outbox {
  events: SegmentEvent[];
  /** Settles when `events` are in the stream. */
  written: Promise<void>;
}

/** Writes replies to the streams of gateways: while one entry is on its way, what comes is gathered for the next. */
export class ReplyWriter {
  private readonly outboxes = new Map<string, Outbox>();
  private readonly busy = new Map<string, Promise<void>>();

  constructor(private readonly redis: RedisConnection) {}

  /** Resolves when the event is in the gateway's stream. */
  write(gateway: string, event: SegmentEvent): Promise<void> {
    const waiting = this.outboxes.get(gateway);
    if (waiting) {
      waiting.events.push(event);
      return waiting.written;
    }
    const outbox: Outbox = { events: [event], written: Promise.resolve() };
    outbox.written = this.send(gateway, outbox);
    this.outboxes.set(gateway, outbox);
    return outbox.written;
  }

  private async send(gateway: string, outbox: Outbox): Promise<void> {
    await (this.busy.get(gateway) ?? null); // one entry at a time keeps pieces in order
    this.outboxes.delete(gateway);
    const sending = this.append(gateway, outbox.events);
    const quiet = sending.catch(() => {});
    this.busy.set(gateway, quiet);
    await sending.finally(() => {
      if (this.busy.get(gateway) === quiet) this.busy.delete(gateway);
    });
  }

  /** Again and again, where Redis is there and does not take it: it has no memory left, or its disk is full. */
  private async append(gateway: string, events: readonly SegmentEvent[]): Promise<void> {
    for (;;) {
      try {
        return await this.appendOnce(gateway, events);
      } catch (error) {
        if (!(error instanceof ReplyError)) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  private async appendOnce(gateway: string, events: readonly SegmentEvent[]): Promise<void> {
    const key = KEYS.replies(gateway);
    const entry = pack(events);
    const answers = await this.redis
      .pipeline()
      .xadd(key, "MAXLEN", "~", MOST_ENTRIES, "*", "events", entry)
      .expire(key, SECONDS)
      .exec();
    const failed = answers?.find(([error]) => error)?.[0];
    if (failed) throw failed;
  }
}

/** Reads a gateway's own stream until it is closed; after an outage it goes on behind the last reply that it saw. */
export class ReplyReader {
  private last = "0";
  private closed = false;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly options: {
      gateway: string;
      /** Waits in a read; nothing else uses it. */
      reader: RedisConnection;
      commands: RedisConnection;
      onEvent(event: SegmentEvent): void;
    },
  ) {
    this.timer = setInterval(() => void this.trim(), TRIM_MS);
    void this.read();
  }

  /** Stops reading and removes the stream. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.options.commands.del(this.key).catch(() => {});
  }

  private get key(): string {
    return KEYS.replies(this.options.gateway);
  }

  private async read(): Promise<void> {
    const { reader, onEvent } = this.options;
    while (!this.closed) {
      try {
        const read = await reader.xread("COUNT", 500, "BLOCK", BLOCK_MS, "STREAMS", this.key, this.last);
        for (const [id, fields] of read?.[0]?.[1] ?? []) {
          this.last = id;
          for (const event of unpack(fields[1]!)) onEvent(event);
        }
      } catch {
        await sleep(RETRY_MS);
      }
    }
  }

  /** Takes out what has been read, so that the stream is as long as what is on its way. */
  private async trim(): Promise<void> {
    await this.options.commands
      .pipeline()
      .xtrim(this.key, "MINID", this.last)
      .expire(this.key, SECONDS)
      .exec()
      .catch(() => {});
  }
}
