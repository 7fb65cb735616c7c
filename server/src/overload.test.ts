import { join } from "node:path";
import { RetryInfo, translation } from "@carousel/protos";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { SleepingEngine } from "./bench/engines.js";
import type { QueueWorker } from "./queue/port.js";
import { createRedisWorker } from "./queue/redis-worker.js";
import { RedisServer } from "./queue/test-support/redis-server.js";
import { type Running, startGateway, startServer } from "./roles.js";
import { detailOf, TestFolder, TestTranslator } from "./test-support/test-server.js";

const TEXTS = 32;
const SENTENCES = 10;
const text = Array.from({ length: SENTENCES }, (_, k) => `The doctor number ${k} is here.`).join(" ");
const request = translation.TranslateRequest.fromPartial({ model: "bench", texts: new Array(TEXTS).fill(text) });

describe("a burst of calls over Redis, more than can be done", () => {
  let redis: RedisServer;
  let folder: TestFolder;
  let worker: QueueWorker;
  let gateway: Running;
  let translator: TestTranslator;

  beforeAll(async () => {
    redis = await RedisServer.start();
    folder = await TestFolder.create();
  });
  afterAll(async () => {
    await folder.remove();
    await redis.stop();
  });
  beforeEach(async () => {
    worker = createRedisWorker({ redisUrl: redis.url, log: pino({ level: "silent" }) });
    await worker.start(new SleepingEngine({ batch: 16, milliseconds: 50 }));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    translator.close();
    await gateway.close();
    await worker.close(0);
  });

  const start = async (more: Record<string, unknown>) => {
    gateway = await startGateway(folder.config({ redis: redis.url, graceSeconds: 0, ...more }));
    translator = new TestTranslator(gateway.grpcPort);
  };

  /** One call; `left` when it was let in, and has been left alone since. */
  const ask = (patienceMs: number) =>
    new Promise<"answered" | "refused" | "left">((resolve, reject) => {
      const call = translator.client.translate(request, new Metadata(), {}, (error: ServiceError | null) => {
        clearTimeout(timer);
        if (!error) resolve("answered");
        else if (error.code === status.RESOURCE_EXHAUSTED) resolve("refused");
        else if (error.code === status.CANCELLED) resolve("left");
        else reject(error);
      });
      const timer = setTimeout(() => call.cancel(), patienceMs);
    });

  /** How many calls were let in, and how often a text was cut into sentences. */
  const burst = async (calls: number) => {
    const cut = vi.spyOn(Intl.Segmenter.prototype, "segment");
    const outcomes = await Promise.all(Array.from({ length: calls }, () => ask(8000)));
    return { letIn: outcomes.filter((outcome) => outcome !== "refused").length, cut: cut.mock.calls.length };
  };

  it("cuts no text of those that would wait too long", async () => {
    await start({ maxWaitSeconds: 1 });
    expect(await ask(30_000)).toBe("answered"); // takes a second, after which is known what the worker does
    const { letIn, cut } = await burst(100);
    expect(letIn).toBeGreaterThan(0);
    expect(letIn).toBeLessThan(50);
    expect(cut).toBeLessThanOrEqual(TEXTS * letIn);
  });

  it("cuts little of those for which there is no room", async () => {
    await start({ maxQueued: 2 * TEXTS * SENTENCES + TEXTS - 1 });
    const { letIn, cut } = await burst(100);
    expect(letIn).toBeGreaterThan(0);
    expect(letIn).toBeLessThanOrEqual(2);
    expect(cut).toBeLessThan((100 * TEXTS) / 4);
  });
});

describe("one process that has more to do than it can", () => {
  let folder: TestFolder;
  beforeAll(async () => {
    folder = await TestFolder.create();
  });
  afterAll(() => folder.remove());

  it("refuses calls whose deadline lies before their turn, and lets them in after the time that it tells", async () => {
    const [texts, secondsOfWork, deadlineMs] = [200, 5, 1000];
    const server = await startServer(
      folder.config({ engineThreads: 1, maxWaitSeconds: 60, jobs: join(folder.folder, "busy-jobs") }),
    );
    const translator = new TestTranslator(server.grpcPort);
    const ask = (count: number, waitMs: number) => {
      const texts = Array.from({ length: count }, (_, k) => `${k}彼は医者です。`);
      return translator.translate(texts, {}, { deadline: Date.now() + waitMs });
    };
    const startedMs = performance.now();
    await ask(texts, 60_000);
    const calls = Math.min(40, Math.ceil((1000 * secondsOfWork) / (performance.now() - startedMs)) + 2);
    const work = Promise.all(Array.from({ length: calls }, () => ask(texts, 60_000)));
    /** Nothing when it was let in, late or not. */
    const refusal = () =>
      ask(1, deadlineMs).then(
        () => undefined,
        (error: ServiceError) => {
          if (error.code === 4) return undefined;
          expect(error).toMatchObject({ code: 8 });
          return RetryInfo.decode(detailOf(error, "RetryInfo")!).retryDelay!;
        },
      );
    let told = await refusal();
    while (!told) told = await refusal(); // until answers have shown how much there is to do
    let refusals = 0;
    for (; told; told = await refusal()) {
      const waitMs = 1000 * Number(told.seconds) + told.nanos / 1e6;
      expect(waitMs).toBeGreaterThan(0);
      refusals++;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    expect(refusals).toBeLessThanOrEqual(5);
    expect((await work).map(({ translations }) => translations.length)).toEqual(Array(calls).fill(texts));
    translator.close();
    await server.close();
  });

  it("refuses for good what there can never be room for, and takes it in parts", async () => {
    const server = await startServer(folder.config({ maxQueued: 3, jobs: join(folder.folder, "small-jobs") }));
    const translator = new TestTranslator(server.grpcPort);
    const ask = (texts: string[]) => translator.translate(texts);
    const error = await ask(["彼は医者です。これは本です。", "私は学生です。それは何ですか。"]).catch(
      (e: ServiceError) => e,
    );
    expect(error).toMatchObject({ code: 3, details: expect.stringContaining("at most 3 may be on their way at once") });
    expect((await ask(["彼は医者です。これは本です。", "私は学生です。"])).translations.map((t) => t.segments)).toEqual(
      [2, 1],
    );
    translator.close();
    await server.close();
  });
});
