import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KEYS } from "./keys.js";
import { MODEL_GONE } from "./port.js";
import { Quarantine } from "./quarantine.js";
import { createRedisClient } from "./redis-client.js";
import { createRedisWorker } from "./redis-worker.js";
import { Capitals, MODEL, segment, submit, textOf, until } from "./test-support/capitals.js";
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

  it("tells a job that was lost with Redis' data from those that come after it", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const { options: usual } = segment("");
    const ask = (k: number) => submit(client, segment(`${k} x`, { options: { ...usual, maxLength: k + 1 } })); // a job of its own
    const lost = Array.from({ length: 10 }, (_, k) => ask(k));
    await until(async () => (await client.depth()) === 10);
    await empty();
    const later = Array.from({ length: 20 }, (_, k) => ask(10 + k));
    await until(async () => (await client.depth()) === 20);
    const worker = createRedisWorker(options());
    await worker.start(new Capitals());
    const texts = (await Promise.all([...lost, ...later])).map(textOf);
    expect(texts).toEqual(Array.from({ length: 30 }, (_, k) => `${k} X`));
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

  it("keeps next to nothing of jobs that have ended", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 1000 });
    const worker = createRedisWorker(options());
    await worker.start(new Capitals());
    const { options: usual } = segment("");
    const ask = (k: number) => submit(client, segment(`${k}`, { options: { ...usual, maxLength: k + 1 } })); // a job of its own
    await Promise.all(Array.from({ length: 200 }, (_, k) => ask(k)));
    const connection = new Redis(redis.url);
    const jobs = async () => (await connection.keys("{carousel}:segments-*")).filter((key) => /:\d+$/.test(key));
    await until(async () => (await jobs()).length === 0);
    const [events] = await connection.keys("{carousel}:segments-*:events");
    expect(await connection.xlen(events!)).toBeLessThanOrEqual(200);
    connection.disconnect();
    await worker.close(1000);
    await client.close();
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

  it("does not hear of a worker again that ends, while it finishes what it holds", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const worker = createRedisWorker(options());
    const processor = new Capitals();
    let open = () => {};
    processor.gate = new Promise((resolve) => {
      open = resolve;
    });
    await worker.start(processor);
    const last = submit(client, segment("last"));
    await until(() => processor.seen.length === 1);
    const ended = worker.close(60_000);
    const connection = new Redis(redis.url);
    await until(async () => (await connection.hlen(KEYS.workerStates)) === 0);
    connection.disconnect();
    await worker.announce();
    expect(await client.workers()).toEqual([]);
    open();
    expect(textOf(await last)).toBe("LAST");
    await ended;
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

/** A processor of some versions of one model, which the test may change. */
class Versions extends Capitals {
  constructor(public versions: readonly string[]) {
    super();
  }

  override get models() {
    return this.versions.map((version) => ({ ...MODEL, version }));
  }

  /** Versions of the segments that it was given. */
  get met() {
    return new Set(this.seen.map(({ segment }) => segment.modelVersion));
  }
}

describe("versions of a model over Redis", () => {
  const of = (modelVersion: string, text = "text") => segment(text, { modelVersion });

  it("meet only workers that serve them", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const processors = [new Versions(["v1"]), new Versions(["v1", "v2"]), new Versions(["v2"])];
    const workers = processors.map(() => createRedisWorker(options()));
    await Promise.all(workers.map((worker, k) => worker.start(processors[k]!)));
    expect((await client.models()).map((m) => m.version).sort()).toEqual(["v1", "v2"]);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, k) => submit(client, of(k % 2 ? "v1" : "v2", `${k}`))),
    );
    expect(answers.map(textOf)).toEqual(Array.from({ length: 60 }, (_, k) => `${k}`));
    for (const { versions, met } of processors) expect(versions).toEqual(expect.arrayContaining([...met]));
    for (const worker of workers) await worker.close(1000);
    await client.close();
  });

  it("change under load, and nothing is lost", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 1000 });
    const processors = [new Versions(["v1"]), new Versions(["v1"])];
    const workers = processors.map(() => createRedisWorker(options()));
    await Promise.all(workers.map((worker, k) => worker.start(processors[k]!)));
    let running = true;
    const outcomes = new Map<string, number>();
    const caller = async () => {
      while (running) {
        const [model] = await client.models();
        const text = textOf(await submit(client, of(model!.version)));
        outcomes.set(text, (outcomes.get(text) ?? 0) + 1);
      }
    };
    const callers = Array.from({ length: 8 }, caller);
    for (const [k, processor] of processors.entries()) {
      processor.versions = ["v1", "v2"];
      await workers[k]!.announce();
    }
    await Promise.all(
      processors.map((processor, k) => {
        processor.versions = ["v2"];
        return workers[k]!.announce();
      }),
    );
    expect(await client.models()).toEqual([{ ...MODEL, version: "v2" }]);
    const before = processors[0]!.seen.length + processors[1]!.seen.length;
    await until(() => processors[0]!.seen.length + processors[1]!.seen.length > before + 50);
    running = false;
    await Promise.all(callers);
    expect([...outcomes.keys()]).toEqual(["TEXT"]);
    const connection = new Redis(redis.url);
    expect(await connection.keys("{carousel}:segments-*v1*")).toEqual([]);
    connection.disconnect();
    for (const worker of workers) await worker.close(1000);
    await client.close();
  });

  it("that nobody serves any more say so where another is served, and wait where none is", async () => {
    const client = await createRedisClient({ ...options(), maxQueued: 100 });
    const orphan = submit(client, of("v1"));
    const worker = createRedisWorker(options());
    await worker.start(new Versions(["v2"]));
    expect(await orphan).toMatchObject([{ error: { code: "UNAVAILABLE", details: { reason: MODEL_GONE } } }]);
    await worker.close(1000);
    const waiting = submit(client, of("v1"));
    const later = createRedisWorker(options());
    await later.start(new Versions(["v1"]));
    expect(textOf(await waiting)).toBe("TEXT");
    await later.close(1000);
    await client.close();
  });
});
