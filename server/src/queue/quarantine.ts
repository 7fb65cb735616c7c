import { KEYS } from "./keys.js";
import type { Segment } from "./port.js";
import type { RedisConnection } from "./redis.js";

/** The oldest are forgotten beyond so many. */
const MOST = 1000;
/** A strike is forgotten after so many seconds without another. */
const STRIKE_SECONDS = 24 * 3600;

/** A segment that took several workers along and is worked on no more. */
export interface QuarantinedSegment extends Pick<Segment, "id" | "model" | "task" | "text" | "requestId"> {
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/**
 * Which segments kill workers. A segment under suspicion is worked on alone, between `begin` and `end`; one that is
 * begun again without an end has taken its worker along.
 */
export class Quarantine {
  constructor(private readonly redis: RedisConnection) {}

  /** @returns how many times the segment was begun alone before and not ended */
  async begin({ id }: Segment): Promise<number> {
    const answers = await this.redis
      .pipeline()
      .hincrby(KEYS.strikes, id, 1)
      .expire(KEYS.strikes, STRIKE_SECONDS)
      .exec();
    return Number(answers?.[0]?.[1] ?? 1) - 1;
  }

  async end({ id }: Segment): Promise<void> {
    await this.redis.hdel(KEYS.strikes, id);
  }

  /** Puts a segment aside for people to look at. */
  async put(segment: Segment, reason: string): Promise<void> {
    const { id, model, task, text, requestId } = segment;
    const entry: QuarantinedSegment = {
      id,
      model,
      task,
      text,
      reason,
      atMs: Date.now(),
      ...(requestId ? { requestId } : {}),
    };
    await this.redis.xadd(KEYS.quarantine, "MAXLEN", "~", MOST, "*", "segment", JSON.stringify(entry));
    await this.end(segment);
  }

  /** Newest first. */
  async list(most: number): Promise<QuarantinedSegment[]> {
    const entries = await this.redis.xrevrange(KEYS.quarantine, "+", "-", "COUNT", most);
    return entries.map(([, fields]) => JSON.parse(fields[1]!) as QuarantinedSegment);
  }

  async size(): Promise<number> {
    return this.redis.xlen(KEYS.quarantine);
  }
}
