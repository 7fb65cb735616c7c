import { cp } from "node:fs/promises";
import { join } from "node:path";
import { generation, RetryInfo } from "@carousel/protos";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectQueue } from "./queue/inspect.js";
import { RedisServer } from "./queue/test-support/redis-server.js";
import { startGateway, startServer, startWorker } from "./roles.js";
import { detailOf, TestFolder, TestTranslator } from "./test-support/test-server.js";

let test: TestFolder;
beforeAll(async () => {
  test = await TestFolder.create();
});
afterAll(() => test.remove());

describe("gateway and workers over Redis", () => {
  it("translates; a full queue is refused with the time to come again; draining answers what is in flight", async () => {
    const redis = await RedisServer.start();
    const gateway = await startGateway(test.config({ redis: redis.url, maxQueued: 8 }));
    const workers = await Promise.all([1, 2].map(() => startWorker(test.config({ redis: redis.url }))));
    const translator = new TestTranslator(gateway.grpcPort);
    const translate = (texts: string[]) => translator.translate(texts);
    expect((await translate(["彼は医者です。"])).translations).toHaveLength(1);

    const six = (call: number) => Array.from({ length: 6 }, (_, k) => `${call}${k}彼は医者です。`);
    const [, full] = await Promise.all([1, 2].map((n) => translate(six(n)).catch((e) => e)));
    expect(full).toMatchObject({ code: 8 });
    expect(RetryInfo.decode(detailOf(full, "RetryInfo")!).retryDelay).toBeDefined();

    const inFlight = translate(["これは本です。"]);
    await new Promise((resolve) => setTimeout(resolve, 50)); // until it has reached the gateway
    const closed = gateway.close();
    expect((await inFlight).translations).toHaveLength(1);
    await closed;
    for (const worker of workers) await worker.close();
    translator.close();
    await redis.stop();
  });

  it("takes no work where it cannot listen", async () => {
    const redis = await RedisServer.start();
    const worker = await startWorker(test.config({ redis: redis.url }));
    const again = test.config({ redis: redis.url, httpPort: worker.httpPort });
    for (const start of [startWorker, startServer]) await expect(start(again)).rejects.toThrow("cannot listen on");
    expect(await inspectQueue({ redisUrl: redis.url, most: 0 })).toMatchObject({ workers: 1 });
    await worker.close();
    await redis.stop();
  });

  it("takes a request off the batch that is cancelled while it is decoded", async () => {
    const redis = await RedisServer.start();
    const gateway = await startGateway(test.config({ redis: redis.url }));
    const models = join(test.folder, "long");
    await cp(new URL("../../models/shakespeare", import.meta.url), join(models, "shakespeare"), { recursive: true });
    const worker = await startWorker(test.config({ redis: redis.url, engineThreads: 1, models }));
    const client = new generation.GenerationServiceClient(
      `127.0.0.1:${gateway.grpcPort}`,
      credentials.createInsecure(),
    );
    const most = 2000;
    const wish = { model: "shakespeare", prompt: "He", minTokens: most, maxTokens: most };
    const stream = client.generateStream(generation.GenerateRequest.fromPartial(wish));
    stream.on("error", () => {});
    await new Promise((resolve) => stream.once("data", resolve));
    stream.cancel();
    const said = async (name: string) => {
      const metrics = await (await fetch(`http://127.0.0.1:${worker.httpPort}/metrics`)).text();
      const line = metrics.split("\n").find((l) => l.startsWith(name));
      return Number(line?.split(" ").at(-1) ?? 0);
    };
    await expect.poll(() => said('carousel_worker_segments_total{code="CANCELLED"}'), { timeout: 10_000 }).toBe(1);
    const runs = await said("carousel_worker_batch_sentences_count");
    expect(runs).toBeLessThan(most); // a stream takes one step a run
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await said("carousel_worker_batch_sentences_count")).toBe(runs);
    expect(await said("carousel_worker_segments ")).toBe(0);
    client.close();
    await gateway.close();
    await worker.close();
    await redis.stop();
  });
});
