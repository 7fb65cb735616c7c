import type { SegmentResult } from "../queue/port.js";
import { promptConnection, type RedisConnection } from "../queue/redis.js";
import type { CacheLimits, Kept, ResultCache } from "./result-cache.js";

/** Hash of the entries, sorted set of their keys by the time of the last use, and what they cost together. */
const KEYS = ["{carousel:cache}:entries", "{carousel:cache}:used", "{carousel:cache}:bytes"] as const;

/** What an entry takes beside its text, about. */
const OVERHEAD = 300;

/** KEYS as above; ARGV: key, now. */
const GET = `
local text = redis.call("HGET", KEYS[1], ARGV[1])
if text then redis.call("ZADD", KEYS[2], "XX", ARGV[2], ARGV[1]) end
return text`;

/** ARGV: key, now, text, the limit, the overhead. Redis itself must not evict (it holds the queue), so the oldest leave here. */
const SET = `
local overhead = tonumber(ARGV[5])
local cost = #ARGV[3] + overhead
if redis.call("HEXISTS", KEYS[1], ARGV[1]) == 1 then
  cost = cost - redis.call("HSTRLEN", KEYS[1], ARGV[1]) - overhead
end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[3])
redis.call("ZADD", KEYS[2], ARGV[2], ARGV[1])
local bytes = redis.call("INCRBY", KEYS[3], cost)
while bytes > tonumber(ARGV[4]) do
  local oldest = redis.call("ZPOPMIN", KEYS[2])[1]
  if not oldest then break end
  bytes = redis.call("DECRBY", KEYS[3], redis.call("HSTRLEN", KEYS[1], oldest) + overhead)
  redis.call("HDEL", KEYS[1], oldest)
end`;

/** Results in Redis, shared by all gateways. */
export class RedisCache implements ResultCache {
  private readonly redis: RedisConnection;

  constructor(
    redisUrl: string,
    private readonly limits: CacheLimits,
  ) {
    this.redis = promptConnection(redisUrl);
  }

  async get(key: string): Promise<SegmentResult | undefined> {
    const text = (await this.redis.eval(GET, KEYS.length, ...KEYS, key, this.now())) as string | null;
    if (text === null) return undefined;
    const { atMs, result } = JSON.parse(text) as Kept;
    return this.now() - atMs > this.limits.ageMs ? undefined : result;
  }

  async set(key: string, result: SegmentResult): Promise<void> {
    const now = this.now();
    const text = JSON.stringify({ atMs: now, result } satisfies Kept);
    await this.redis.eval(SET, KEYS.length, ...KEYS, key, now, text, this.limits.bytes, OVERHEAD);
  }

  async size() {
    const [entries, , bytes] = KEYS;
    const [count, sum] = await Promise.all([this.redis.hlen(entries), this.redis.get(bytes)]);
    return { entries: count, bytes: Number(sum ?? 0) };
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }

  private now(): number {
    return (this.limits.now ?? Date.now)();
  }
}
