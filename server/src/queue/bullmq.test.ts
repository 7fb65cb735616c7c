import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createBullmqClient, createBullmqWorker } from "./bullmq.js";
import { Capitals, describeQueue, segment, submit, textOf, until } from "./test-support/conformance.js";
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

describeQueue("BullMQ", {
  async open({ maxQueued }) {
    return {
      client: await createBullmqClient({ ...options(), maxQueued }),
      workers: [createBullmqWorker(options()), createBullmqWorker(options())],
    };
  },
});

describe("BullMQ", () => {
  it("gives each of two gateways its own answers", async () => {
    const clients = await Promise.all([1, 2].map(() => createBullmqClient({ ...options(), maxQueued: 100 })));
    const worker = createBullmqWorker(options());
    await worker.start(new Capitals());
    const answers = await Promise.all(
      clients.flatMap((client, k) => Array.from({ length: 10 }, (_, n) => submit(client, segment(`${k} ${n} x`)))),
    );
    expect(answers.map(textOf)).toEqual(Array.from({ length: 20 }, (_, i) => `${Math.floor(i / 10)} ${i % 10} X`));
    await worker.close(1000);
    for (const client of clients) await client.close();
  });

  it("puts segments of concurrent calls into few jobs", async () => {
    const client = await createBullmqClient({ ...options(), maxQueued: 1000 });
    const answers = Array.from({ length: 64 }, (_, k) => submit(client, segment(`${k}`)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await client.depth()).toBe(2);
    const worker = createBullmqWorker(options());
    await worker.start(new Capitals());
    expect((await Promise.all(answers)).map(textOf)).toEqual(Array.from({ length: 64 }, (_, k) => `${k}`));
    await worker.close(1000);
    await client.close();
  });

  it("fails at once while Redis is gone, and works again by itself afterwards", async () => {
    const client = await createBullmqClient({ ...options(), maxQueued: 100 });
    const worker = createBullmqWorker(options());
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
});
