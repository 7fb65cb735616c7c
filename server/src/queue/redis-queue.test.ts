import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KEYS } from "./keys.js";
import { Quarantine } from "./quarantine.js";
import { createRedisClient } from "./redis-client.js";
import { createRedisWorker } from "./redis-worker.js";
import { Capitals, segment, submit, textOf, until } from "./test-support/capitals.js";
import { describeQueue } from "./test-support/conformance.js";
import { RedisServer } from "./test-support/redis-server.js";

const log = pino({ level: "silent" });
let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

async function empty() {
  const connection = new Redis(redis.url);
  await connection.flushall();
  connection.disconnect();
}
beforeEach(empty);

const options = () => ({ redisUrl: redis.url, log });

describeQueue("Redis", {
  async open({ maxQueued }) {
    return {
      client: await createRedisClient({ ...options(), maxQueued }),
      workers: [createRedisWorker(options()), createRedisWorker(options())],
    };
  },
});

describe("Redis", () => {
  it("gives each of two gateways its own answers", async () => {
    const clients = await Promise.all([1, 2].map(() => createRedisClient({ ...options(), maxQueued: 100 })));
    const worker = createRedisWorker(options());
    await worker.start(new Capitals());
    const answers = await Promise.all(
      clients.flatMap((client, k) => Array.from({ length: 10 }, (_, n) => submit(client, segment(`${k} ${n} x`)))),
    );
    expect(answers.map(textOf)).toEqual(Array.from({ length: 20 }, (_, i) => `${Math.floor(i / 10)} ${i % 10} X`));
    await worker.close(1000);
    for (const client of clients) await client.close();
  });

  it("puts segments of concurrent calls into few jobs", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 1000 });
    const answers = Array.from({ length: 64 }, (_, k) => submit(client, segment(`${k}`)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await client.depth()).toBe(2);
    const worker = createRedisWorker(options());
    await worker.start(new Capitals());
    expect((await Promise.all(answers)).map(textOf)).toEqual(Array.from({ length: 64 }, (_, k) => `${k}`));
    await worker.close(1000);
    await client.close();
  });

  it("fails at once while Redis is gone, and works again by itself afterwards", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const worker = createRedisWorker(options());
    await worker.start(new Capitals());
    expect(textOf(await submit(client, segment("before")))).toBe("BEFORE");
    await redis.down();
    await until(() => {
      let code = "";
      client.submit(segment("during", { deadline: Date.now() + 5000 }), (e) => {
        code = e.type === "error" ? e.error.code : e.type;
      });
      return code === "UNAVAILABLE";
    });
    await expect(client.ready()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await redis.up();
    await expect
      .poll(
        () =>
          client.ready().then(
            () => "ready",
            () => "not ready",
          ),
        { timeout: 10_000 },
      )
      .toBe("ready");
    expect(textOf(await submit(client, segment("after")))).toBe("AFTER");
    await worker.close(1000);
    await client.close();
  });

  it("answers what was lost with Redis' data", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const waiting = submit(client, segment("waiting"));
    await until(async () => (await client.depth()) === 1);
    await empty();
    const worker = createRedisWorker(options());
    await worker.start(new Capitals());
    expect(textOf(await waiting)).toBe("WAITING");
    await worker.close(1000);
    await client.close();
  });

  it("keeps no reply that was read, and no stream of a gateway that has gone", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const worker = createRedisWorker(options());
    await worker.start(new Capitals());
    for (let k = 0; k < 20; k++) await submit(client, segment(`${k}`));
    const connection = new Redis(redis.url);
    const [stream] = await connection.keys("carousel:replies:*");
    await until(async () => (await connection.xlen(stream!)) <= 1);
    expect(await connection.ttl(stream!)).toBeGreaterThan(0);
    await client.close();
    expect(await connection.exists(stream!)).toBe(0);
    connection.disconnect();
    await worker.close(1000);
  });

  it("does not work on what was cancelled while it waited, nor for a gateway that has gone", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const controller = new AbortController();
    const cancelled = submit(client, segment("cancelled"), controller.signal);
    await until(async () => (await client.depth()) === 1);
    controller.abort();
    await cancelled;
    await until(async () => (await client.depth()) === 0);

    const orphan = submit(client, segment("orphan", { deadline: Date.now() + 1500 }));
    await until(async () => (await client.depth()) === 1);
    const connection = new Redis(redis.url);
    const [gateway] = await connection.zrange(KEYS.gateways, 0, 0);
    await connection.zadd(KEYS.gateways, Date.now() - 1, gateway!);
    connection.disconnect();
    const worker = createRedisWorker(options());
    const processor = new Capitals();
    await worker.start(processor);
    expect(textOf(await orphan)).toBe("DEADLINE_EXCEEDED");
    expect(processor.seen).toEqual([]);
    await worker.close(1000);
    await client.close();
  });

  it("puts a segment that kills workers aside, and answers all others", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const script = fileURLToPath(new URL("./test-support/deadly-worker.js", import.meta.url));
    const children = new Set<ChildProcess>();
    let deaths = 0;
    const spawnWorker = () => {
      const child = spawn(process.execPath, [script, redis.url, "400"], { stdio: "inherit" });
      children.add(child);
      child.once("exit", () => {
        children.delete(child);
        if (done) return;
        deaths++;
        spawnWorker();
      });
    };
    let done = false;
    const texts = ["a", "deadly", "b", "c"];
    const answers = texts.map((text) => submit(client, segment(text)));
    spawnWorker();
    spawnWorker();
    const [a, deadly, b, c] = await Promise.all(answers);
    done = true;
    for (const child of children) child.kill("SIGKILL");
    expect([a, b, c].map((events) => textOf(events!))).toEqual(["A", "B", "C"]);
    expect(deadly).toMatchObject([{ type: "error", error: { code: "INTERNAL", details: { reason: "QUARANTINED" } } }]);
    expect(deaths).toBe(3);
    expect(await client.quarantined()).toBe(1);
    const connection = new Redis(redis.url);
    expect(await new Quarantine(connection).list(10)).toMatchObject([
      { text: "deadly", reason: "took along at least 3 workers, 1 of them alone" },
    ]);
    connection.disconnect();
    await client.close();
  });
});
