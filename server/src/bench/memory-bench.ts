import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { searchOptions } from "../gateway/validate.js";
import { ask } from "../queue/ask.js";
import { createRedisClient } from "../queue/redis-client.js";
import { createRedisWorker } from "../queue/redis-worker.js";
import { InstantEngine } from "./engines.js";
import { SENTENCES } from "./load-texts.js";
import { BenchRedis } from "./stack.js";

const JOBS = 1000;
const SEGMENTS_PER_JOB = 32;
/** A gateway takes out what it has read every second; Redis gives memory back now and then. */
const SETTLE_MS = 4000;

export interface MemoryBench {
  readonly sentences: number;
  /** Bytes of Redis a sentence that waits, and a job of 32. */
  readonly perQueued: number;
  readonly perJob: number;
  /** Bytes of Redis that are left of a job that has ended: what it keeps after a thousand jobs more. */
  readonly leftPerJob: number;
}

/** What Redis keeps of sentences that wait, and of jobs that have ended. */
export async function benchMemory(): Promise<MemoryBench> {
  const redis = await BenchRedis.start();
  const options = { redisUrl: redis.url, log: pino({ level: "silent" }) };
  const client = await createRedisClient({ ...options, maxQueued: Number.MAX_SAFE_INTEGER });
  const memory = async () => {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return redis.info("used_memory_dataset");
  };
  /** All jobs wait, and then are done. @returns what Redis keeps when they wait and when they are done */
  const fill = async () => {
    const engine = new InstantEngine();
    const answers: Promise<unknown>[] = [];
    while (answers.length < JOBS * SEGMENTS_PER_JOB) {
      for (let k = 0; k < SEGMENTS_PER_JOB; k++) answers.push(ask(client, sentence(engine, k)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const queued = await memory();
    const worker = createRedisWorker(options);
    await worker.start(engine);
    await Promise.all(answers);
    const left = await memory();
    await worker.close(1000);
    return { queued, left };
  };
  try {
    const { left: before } = await fill();
    const { queued, left } = await fill();
    const sentences = JOBS * SEGMENTS_PER_JOB;
    const [perQueued, perJob] = [(queued - before) / sentences, (queued - before) / JOBS];
    return { sentences, perQueued, perJob, leftPerJob: (left - before) / JOBS };
  } finally {
    await client.close();
    await redis.stop();
  }
}

function sentence({ models }: InstantEngine, k: number) {
  const { name: model, version: modelVersion } = models[0]!;
  const asked = {
    text: SENTENCES[k % SENTENCES.length]!,
    options: searchOptions({}),
    priority: "interactive",
  } as const;
  const ids = { id: randomUUID(), requestId: randomUUID() };
  return {
    ...ids,
    ...asked,
    model,
    modelVersion,
    task: "translate",
    deadline: Date.now() + 600_000,
    stream: false,
  } as const;
}
