import { type KnownWords, WordFilter } from "@carousel/bundle";
import type { Logger } from "pino";
import { within } from "../within.js";
import { KEYS } from "./keys.js";
import type { SegmentProcessor, ServedModel } from "./port.js";
import type { RedisConnection } from "./redis.js";

/** A version's words are forgotten so long after the last word from a worker that serves it. */
const SECONDS = 60;
/** Versions whose words a gateway holds, some tens of kilobytes each. */
const MOST_VERSIONS = 100;
/** A call waits for them so long at most; they are there for those that come later. */
const PATIENCE_MS = 200;
/** What could not be had is not asked for again sooner. */
const RETRY_MS = 1000;

/** Writes what the models of a worker know, where Redis does not have it; to be called again and again. */
export async function publishWords(redis: RedisConnection, processor: SegmentProcessor): Promise<void> {
  await Promise.all(
    processor.models.map(async (model) => {
      const filter = processor.words?.(model);
      const key = KEYS.words(model.version);
      if (!filter || (await redis.expire(key, SECONDS)) === 1) return;
      await redis.set(key, Buffer.from(filter.bytes), "EX", SECONDS);
    }),
  );
}

/** What workers have written, each version fetched once. */
export class PublishedWords {
  private readonly byVersion = new Map<string, Promise<KnownWords | undefined>>();
  /** Whether it has been said that some cannot be had; until they can. */
  private said = false;

  constructor(
    private readonly redis: RedisConnection,
    private readonly log: Logger,
  ) {}

  /** Never rejects, and waits for Redis for a moment only: without them a text is translated all the same. */
  async of({ version, hasWords }: ServedModel): Promise<KnownWords | undefined> {
    if (!hasWords) return undefined;
    const words = this.byVersion.get(version) ?? this.begin(version);
    return within(PATIENCE_MS, words).catch(() => undefined);
  }

  private begin(version: string): Promise<KnownWords | undefined> {
    const words = this.fetch(version);
    this.byVersion.set(version, words);
    const [oldest] = this.byVersion.keys();
    if (this.byVersion.size > MOST_VERSIONS) this.byVersion.delete(oldest!);
    return words;
  }

  private async fetch(version: string): Promise<KnownWords | undefined> {
    try {
      const bytes = await this.redis.getBuffer(KEYS.words(version));
      if (!bytes) throw new Error("they are not there");
      const words = WordFilter.parse(bytes);
      this.said = false;
      return words;
    } catch (error) {
      if (!this.said) this.log.warn({ err: error, version }, "the words that a model knows cannot be had from Redis");
      this.said = true;
      setTimeout(() => this.byVersion.delete(version), RETRY_MS).unref();
      return undefined;
    }
  }
}
