import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batch } from "@carousel/protos";
import { credentials } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { type BenchRole, script } from "./bench/role-process.js";
import { RedisServer } from "./queue/test-support/redis-server.js";

const LINES = 4000;
const everyone: ChildProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of everyone) child.kill("SIGKILL");
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function start(role: BenchRole): Promise<{ grpcPort?: number }> {
  const child = fork(script, [JSON.stringify(role)]);
  everyone.push(child);
  return (await once(child, "message"))[0];
}

/** Redis, two workers that take a while for a batch, and a gateway. */
async function startAll(jobs: string) {
  const redis = await RedisServer.start();
  const engine = { kind: "sleeping", batch: 64, milliseconds: 20 } as const;
  for (let k = 0; k < 2; k++) await start({ role: "worker", redis: redis.url, engine });
  const { grpcPort } = await start({ role: "gateway", redis: redis.url, jobs });
  return { redis, client: new batch.BatchServiceClient(`127.0.0.1:${grpcPort}`, credentials.createInsecure()) };
}

it("a job is gone on with after every process, and Redis with all its data, has gone", async () => {
  const jobs = await mkdtemp(join(tmpdir(), "carousel-all-gone-"));
  folders.push(jobs);
  const before = await startAll(jobs);
  const texts = Array.from({ length: LINES }, (_, k) => `line ${k}`);
  const wanted = batch.CreateBatchRequest.fromPartial({ model: "bench", options: { beamSize: 1 }, texts });
  const { id } = await new Promise<batch.Batch>((resolve, reject) => {
    before.client.createBatch(wanted, (error, job) => (error ? reject(error) : resolve(job)));
  });
  for await (const { completed } of before.client.watchBatch({ id }) as AsyncIterable<batch.Batch>) {
    if (completed > 0) break;
  }
  const ends = everyone.map((child) => once(child, "exit"));
  for (const child of everyone) child.kill("SIGKILL");
  await Promise.all(ends);
  before.client.close();
  await before.redis.stop();

  // the lease of the dead gateway would end in 15 s
  await rm(join(jobs, id, "lease.json"), { force: true });
  const { redis, client } = await startAll(jobs);
  let last: batch.Batch | undefined;
  for await (const job of client.watchBatch({ id }) as AsyncIterable<batch.Batch>) last = job;
  expect(last).toMatchObject({ completed: LINES, failed: 0, state: batch.BatchState.BATCH_STATE_DONE });
  const read: string[] = [];
  for await (const { text } of client.readResults({ id, fromLine: 0 }) as AsyncIterable<batch.BatchResult>) {
    read.push(text);
  }
  expect(read).toEqual(texts);
  client.close();
  await redis.stop();
}, 60_000);
