import { CarouselError } from "../errors.js";
import { KEYS } from "../queue/keys.js";
import { connected, promptConnection, type RedisConnection } from "../queue/redis.js";
import { type DeploymentStore, type Deployments, NOTHING_DECIDED } from "./deployments.js";

const FRESH_MS = 500;
/** Longest wait for the first connection, milliseconds. */
const PATIENCE_MS = 10_000;
const MOST_TRIES = 20;

/** Sets the key when it still has the value that the change was made of; "" stands for none. */
const COMPARE_AND_SET = `
if (redis.call("GET", KEYS[1]) or "") ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2])
return 1`;

/** Decisions in Redis, shared by all gateways and workers; whoever knows them puts them back when Redis has lost them. */
export class RedisDeployments implements DeploymentStore {
  private known = NOTHING_DECIDED;
  private freshUntil = 0;

  private constructor(private readonly redis: RedisConnection) {}

  /** @throws CarouselError UNAVAILABLE when Redis cannot be reached at the start */
  static async open(redisUrl: string): Promise<RedisDeployments> {
    const redis = promptConnection(redisUrl);
    try {
      await connected(redis, PATIENCE_MS);
    } catch (error) {
      redis.disconnect();
      throw error;
    }
    return new RedisDeployments(redis);
  }

  async read(): Promise<Deployments> {
    if (Date.now() < this.freshUntil || this.redis.status !== "ready") return this.known;
    this.freshUntil = Date.now() + FRESH_MS;
    await this.look().catch(() => {});
    return this.known;
  }

  /** @throws CarouselError UNAVAILABLE when Redis cannot be reached */
  async change(edit: (now: Deployments) => Deployments): Promise<Deployments> {
    await connected(this.redis, PATIENCE_MS);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = await this.command(() => this.look());
      const next = edit(this.known);
      const after = JSON.stringify(next);
      if (await this.command(() => this.redis.eval(COMPARE_AND_SET, 1, KEYS.deployments, before, after))) {
        this.known = next;
        return next;
      }
    }
    throw new CarouselError("UNAVAILABLE", "others change what is decided about models all the time");
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }

  /** @returns what Redis has now, as text */
  private async look(): Promise<string> {
    if (this.known.revision > 0) await this.redis.set(KEYS.deployments, JSON.stringify(this.known), "NX");
    const text = (await this.redis.get(KEYS.deployments)) ?? "";
    this.known = text ? (JSON.parse(text) as Deployments) : NOTHING_DECIDED;
    return text;
  }

  private async command<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw new CarouselError("UNAVAILABLE", `Redis cannot be reached: ${(error as Error).message}`);
    }
  }
}
