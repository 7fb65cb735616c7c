import { CarouselError } from "../errors.js";
import { connected, promptConnection, type RedisConnection } from "../queue/redis.js";
import { type Glossary, type GlossaryStore, summaryOf } from "./glossary.js";

/** Hashes by name: of the glossaries, and of what a list says of each. The tag puts them into one slot of a cluster. */
const KEYS = { glossaries: "{carousel:glossaries}:terms", summaries: "{carousel:glossaries}:summaries" } as const;

/** Longest wait for the first connection, milliseconds. */
const PATIENCE_MS = 5000;

/** Glossaries in Redis, shared by all gateways. */
export class RedisGlossaries implements GlossaryStore {
  private readonly redis: RedisConnection;

  constructor(redisUrl: string) {
    this.redis = promptConnection(redisUrl);
  }

  create(glossary: Glossary): Promise<boolean> {
    return this.command(async (redis) => {
      const { name } = glossary;
      if ((await redis.hsetnx(KEYS.glossaries, name, JSON.stringify(glossary))) === 0) return false;
      await redis.hset(KEYS.summaries, name, JSON.stringify(summaryOf(glossary)));
      return true;
    });
  }

  get(name: string): Promise<Glossary | undefined> {
    return this.command(async (redis) => {
      const text = await redis.hget(KEYS.glossaries, name);
      return text === null ? undefined : (JSON.parse(text) as Glossary);
    });
  }

  list() {
    return this.command(async (redis) => {
      const summaries = await redis.hgetall(KEYS.summaries);
      return Object.keys(summaries)
        .sort()
        .map((name) => JSON.parse(summaries[name]!) as ReturnType<typeof summaryOf>);
    });
  }

  delete(name: string): Promise<boolean> {
    return this.command(async (redis) => {
      await redis.hdel(KEYS.summaries, name);
      return (await redis.hdel(KEYS.glossaries, name)) > 0;
    });
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }

  private async command<T>(run: (redis: RedisConnection) => Promise<T>): Promise<T> {
    try {
      await connected(this.redis, PATIENCE_MS);
      return await run(this.redis);
    } catch (error) {
      if (error instanceof CarouselError) throw error;
      throw new CarouselError("UNAVAILABLE", `the glossaries in Redis cannot be reached: ${(error as Error).message}`);
    }
  }
}
