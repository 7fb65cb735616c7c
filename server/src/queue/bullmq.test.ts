import { expect, it } from "vitest";
import { JobLines } from "./bullmq.js";
import { connected, promptConnection } from "./redis.js";
import { segment } from "./test-support/capitals.js";
import { RedisServer } from "./test-support/redis-server.js";

it("holds the queues of the last hundred versions only, and finds the jobs of all", async () => {
  const redis = await RedisServer.start();
  const connection = promptConnection(redis.url);
  await connected(connection, 5000);
  const lines = new JobLines(connection);
  for (let version = 0; version < 150; version++) {
    await lines.add({ replyTo: "gateway", segments: [segment("text", { modelVersion: `${version}` })] }, 1);
  }
  expect(connection.listenerCount("close")).toBeLessThanOrEqual(100);
  expect(await lines.waiting()).toBe(150);
  await lines.close();
  connection.disconnect();
  await redis.stop();
});
