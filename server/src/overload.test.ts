import { translation } from "@carousel/protos";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { SleepingEngine } from "./bench/engines.js";
import type { QueueWorker } from "./queue/port.js";
import { createRedisWorker } from "./queue/redis-worker.js";
import { RedisServer } from "./queue/test-support/redis-server.js";
import { type Running, startGateway } from "./roles.js";
import { TestFolder } from "./test-support/test-server.js";

const TEXTS = 32;
const SENTENCES = 10;
const text = Array.from({ length: SENTENCES }, (_, k) => `The doctor number ${k} is here.`).join(" ");
const request = translation.TranslateRequest.fromPartial({ model: "bench", texts: new Array(TEXTS).fill(text) });

describe("a burst of calls over Redis, more than can be done", () => {
  let redis: RedisServer;
  let folder: TestFolder;
  let worker: QueueWorker;
  let gateway: Running;
  let client: translation.TranslationServiceClient;

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
    client.close();
    await gateway.close();
    await worker.close(0);
  });

  const start = async (more: Record<string, unknown>) => {
    gateway = await startGateway(folder.config({ redis: redis.url, graceSeconds: 0, ...more }));
    client = new translation.TranslationServiceClient(`127.0.0.1:${gateway.grpcPort}`, credentials.createInsecure());
  };

  /** One call; `left` when it was let in, and has been left alone since. */
  const ask = (patienceMs: number) =>
    new Promise<"answered" | "refused" | "left">((resolve, reject) => {
      const call = client.translate(request, new Metadata(), {}, (error: ServiceError | null) => {
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
