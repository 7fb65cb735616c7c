import { WordFilter } from "@carousel/bundle";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KEYS } from "./keys.js";
import type { QueueClient, QueueWorker } from "./port.js";
import { createRedisClient } from "./redis-client.js";
import { createRedisWorker } from "./redis-worker.js";
import { Capitals, MODEL, until } from "./test-support/capitals.js";
import { RedisServer } from "./test-support/redis-server.js";

const key = KEYS.words(MODEL.version);
const warnings: string[] = [];
const log = pino({ level: "warn" }, { write: (line) => void warnings.push(line) });

let redis: RedisServer;
let connection: Redis;
beforeAll(async () => {
  redis = await RedisServer.start();
  connection = new Redis(redis.url);
  connection.on("error", () => {}); // a test takes Redis down
});
afterAll(async () => {
  connection.disconnect();
  await redis.stop();
});

describe("the words that a model knows, over Redis", () => {
  let client: QueueClient;
  let worker: QueueWorker;
  beforeEach(async () => {
    await connection.flushall();
    const options = { redisUrl: redis.url, log };
    client = await createRedisClient({ ...options, maxQueued: 1 });
    worker = createRedisWorker(options);
    await worker.start(new Capitals());
    warnings.length = 0;
    return async () => {
      await worker.close(1000);
      await client.close();
    };
  });

  const had = async () => (await client.knownWords(MODEL))?.has("Tom") ?? false;

  it("are written once, and expire when nobody serves the version any more", async () => {
    await connection.set(key, "as it was", "EX", 5);
    await worker.announce();
    expect(await connection.get(key)).toBe("as it was");
    expect(await connection.ttl(key)).toBeGreaterThan(5);
    await worker.close(1000);
    expect(await connection.ttl(key)).toBeGreaterThan(0);
  });

  it("are there again when Redis has lost its data", async () => {
    await connection.flushall();
    expect(await had()).toBe(false);
    await until(had); // the next heartbeat of the worker writes them
  });

  it("are fetched once", async () => {
    expect(await had()).toBe(true);
    await connection.del(key);
    expect(await had()).toBe(true);
  });

  it("are not asked for where a model has none", async () => {
    const { hasWords: _, ...model } = MODEL;
    expect(await client.knownWords(model)).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it.each([
    ["are not whole", () => connection.set(key, "?")],
    ["are something else", () => connection.multi().del(key).hset(key, "a", "b").exec()],
    ["do not come", () => connection.client("PAUSE", 3000, "ALL")],
  ])("are none while they %s, which is said once", async (_, spoil) => {
    await spoil();
    for (let k = 0; k < 3; k++) expect(await client.knownWords(MODEL)).toBeUndefined();
    await until(() => warnings.length > 0);
    await connection.setex(key, 60, Buffer.from(WordFilter.of(["Tom"]).bytes));
    await until(had);
    expect(warnings).toEqual([expect.stringContaining("cannot be had from Redis")]);
  });

  it("are none while Redis is gone", async () => {
    await redis.down();
    await until(() =>
      client.ready().then(
        () => false,
        () => true,
      ),
    );
    expect(await client.knownWords(MODEL)).toBeUndefined();
    await redis.up();
    await until(had);
  });
});
