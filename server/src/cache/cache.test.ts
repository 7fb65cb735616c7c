import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchOptions } from "../gateway/validate.js";
import { createEmbeddedQueue } from "../queue/embedded.js";
import type { SegmentResult } from "../queue/port.js";
import { Capitals, MODEL, resultOf, segment, submit, textOf } from "../queue/test-support/capitals.js";
import { RedisServer } from "../queue/test-support/redis-server.js";
import { createEngine } from "../worker/create-engine.js";
import { CachedQueue, keyOf, type Lookup } from "./cached-queue.js";
import { MemoryCache } from "./memory-cache.js";
import { RedisCache } from "./redis-cache.js";
import type { CacheLimits, ResultCache } from "./result-cache.js";

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

const result = (text: string): SegmentResult => {
  const event = resultOf(segment(text));
  if (event.type !== "result") throw new Error();
  return event.result;
};

const caches: Record<string, (limits: CacheLimits) => ResultCache> = {
  memory: (limits) => new MemoryCache(limits),
  Redis: (limits) => new RedisCache(redis.url, limits),
};

describe.each(Object.entries(caches))("a cache in %s", (_, open) => {
  it("gives what it was given, for a time", async () => {
    let now = 0;
    const cache = open({ bytes: 1e6, ageMs: 1000, now: () => now });
    await expect.poll(() => cache.size().catch(() => undefined)).toBeDefined();
    expect(await cache.get("age/a")).toBeUndefined();
    await cache.set("age/a", result("a"));
    expect(await cache.get("age/a")).toEqual(result("a"));
    now = 1001;
    expect(await cache.get("age/a")).toBeUndefined();
    await cache.close();
  });

  it("holds no more than its limit, and drops what was asked for least lately", async () => {
    let now = 0;
    const cache = open({ bytes: 20_000, ageMs: 1e9, now: () => now++ });
    await expect.poll(() => cache.size().catch(() => undefined)).toBeDefined();
    const put = (k: number) => cache.set(`${k}`, result("x".repeat(1000)));
    await put(0);
    for (let k = 1; k < 100; k++) {
      await put(k);
      expect(await cache.get("0")).toBeDefined();
      expect((await cache.size()).bytes).toBeLessThanOrEqual(20_000);
    }
    expect(await cache.get("1")).toBeUndefined();
    expect(await cache.get("99")).toBeDefined();
    const { entries, bytes } = await cache.size();
    await cache.set("99", result("x".repeat(1000)));
    expect(await cache.size()).toEqual({ entries, bytes });
    await cache.set("large", result("x".repeat(30_000)));
    expect(await cache.get("large")).toBeUndefined();
    await cache.close();
  });
});

/** A queue with a cache in front of it, and what they were asked for. */
async function cachedCapitals(cache: ResultCache = new MemoryCache({ bytes: 1e6, ageMs: 1e6 })) {
  const { client, worker } = createEmbeddedQueue({ maxQueued: 100 });
  const processor = new Capitals();
  await worker.start(processor);
  const lookups: Lookup[] = [];
  const queue = new CachedQueue(client, { cache, onLookup: (lookup) => void lookups.push(lookup) });
  return { queue, processor, lookups };
}

describe("a queue with a cache", () => {
  it("works once on what is asked twice", async () => {
    const { queue, processor, lookups } = await cachedCapitals();
    const answers = [await submit(queue, segment("a")), await submit(queue, segment("a", { priority: "batch" }))];
    expect(answers.map(textOf)).toEqual(["A", "A"]);
    expect(processor.seen).toHaveLength(1);
    expect(lookups).toEqual(["miss", "hit"]);
    const stream = await submit(queue, segment("a", { stream: true }));
    expect(stream.map((e) => e.type)).toEqual(["piece", "result"]);
    await queue.close();
  });

  it("tells apart whatever may change a result", () => {
    const first = segment("a");
    const { options } = first;
    const others = [
      { text: "b" },
      { task: "score" as const, target: "b" },
      { target: "b" },
      { model: "other" },
      { modelVersion: "other" },
      ...[{ beamSize: 2 }, { maxLength: 3 }, { lengthPenalty: 1 }, { seed: 1 }, { suppress: ["a"] }].map((o) => ({
        options: { ...options, ...o },
      })),
    ].map((changes) => keyOf({ ...first, ...changes }, ""));
    expect(new Set([keyOf(first, ""), keyOf(first, "calibrated"), ...others]).size).toBe(others.length + 2);
    const reordered = Object.fromEntries(Object.entries(options).reverse()) as unknown as typeof options;
    expect(keyOf({ ...segment("a"), options: reordered }, "")).toBe(keyOf(first, ""));
  });

  it("keeps no draw without a seed, and one with a seed", async () => {
    const { queue, processor } = await cachedCapitals();
    const { options } = segment("");
    for (const more of [{ temperature: 1 }, { temperature: 1, seed: 7 }]) {
      for (let k = 0; k < 2; k++) await submit(queue, segment("a", { options: { ...options, ...more } }));
    }
    expect(processor.seen).toHaveLength(3);
    await queue.close();
  });

  it("never gives a result of another version", async () => {
    const { queue, processor } = await cachedCapitals();
    await submit(queue, segment("a"));
    // served no more
    const gone = segment("a", { modelVersion: "other" });
    await submit(queue, gone);
    expect(processor.seen.map((o) => o.segment.modelVersion)).toEqual([MODEL.version, "other"]);
    await submit(queue, gone);
    expect(processor.seen).toHaveLength(3);
    await queue.close();
  });

  it("does without a cache that fails", async () => {
    const broken: ResultCache = {
      get: () => Promise.reject(new Error("broken")),
      set: () => Promise.reject(new Error("broken")),
      size: () => Promise.reject(new Error("broken")),
      close: async () => {},
    };
    const { queue, lookups } = await cachedCapitals(broken);
    expect(textOf(await submit(queue, segment("a")))).toBe("A");
    expect(lookups).toEqual(["error"]);
    const controller = new AbortController();
    controller.abort();
    const cancelled = await submit(queue, segment("b"), controller.signal);
    expect(cancelled).toMatchObject([{ error: { code: "CANCELLED" } }]);
    await queue.close();
  });

  it("answers what the engine computes, to the last digit", async () => {
    const bundle = new URL("../../../tests/fixtures/bundles-v2/v2-tiny-translation", import.meta.url).pathname;
    const engine = await createEngine([bundle], { intraOpThreads: 1 });
    const { client, worker } = createEmbeddedQueue({ maxQueued: 100 });
    await worker.start(engine);
    const lookups: Lookup[] = [];
    const cache = new MemoryCache({ bytes: 1e6, ageMs: 1e6 });
    const queue = new CachedQueue(client, { cache, onLookup: (lookup) => void lookups.push(lookup) });
    const { name: model, version: modelVersion } = engine.models[0]!;
    const options = [
      searchOptions({ beamSize: 3, nBest: 3, alignments: true, maxLength: 12 }),
      searchOptions({ temperature: 1, seed: 3, maxLength: 12 }),
    ];
    for (const each of options) {
      const wanted = () => segment("彼は医者です。", { model, modelVersion, options: each });
      const without = (await submit(client, wanted())).map((event) => ({ ...event, id: "" }));
      for (let k = 0; k < 2; k++) {
        expect((await submit(queue, wanted())).map((event) => ({ ...event, id: "" }))).toEqual(without);
      }
    }
    expect(lookups).toEqual(["miss", "hit", "miss", "hit"]);
    await queue.close();
    await engine.close();
  });
});
