import { setTimeout as sleep } from "node:timers/promises";
import { batch, translation } from "@carousel/protos";
import { Metadata } from "@grpc/grpc-js";
import { ask, type Client, openClient } from "./client.js";
import { type Pair, readCorpus, SHIPPED, TINY } from "./corpus.js";
import { Fleet } from "./fleet.js";
import { History } from "./history.js";
import { Load } from "./load.js";
import type { Random } from "./random.js";
import type { Role } from "./role.js";

/** More than a worker holds at once. */
const FULL = { callers: 128, streams: 4, jobs: 2, pauseMs: 0 } as const;
const FULL_MS = 20_000;
/** Until what is on its way is in Redis, or out of it again. */
const SETTLED_MS = 3000;
const CALLS = 100;
const TEXTS = 32;
const JOBS = 50;
const LINES = 100;

export interface Figures {
  readonly violations: readonly string[];
  /** Requests that were answered a second while a worker with a shipped model was full. */
  readonly requestsPerSecond: number;
  /** Milliseconds, p99, of the main thread of each then; the clock that measures it ticks every 10 ms. */
  readonly lag: { readonly gateway: number; readonly worker: number };
  /** Bytes of Redis, for each sentence that waits, and for each that has been answered, job that has ended. */
  readonly redis: { readonly queuedSentence: number; readonly answeredSentence: number; readonly endedJob: number };
}

/** What the path costs: the lag of event loops when it is full, and the memory of Redis. */
export async function figures(random: Random): Promise<Figures> {
  return { ...(await whileFull(random)), redis: await redisMemory() };
}

async function whileFull(random: Random): Promise<Omit<Figures, "redis">> {
  const corpus = await readCorpus(SHIPPED);
  const fleet = await Fleet.start({ gateways: 1, workers: 1, models: SHIPPED.folder });
  const client = openClient(fleet.grpcPorts);
  const [gateway, worker] = [fleet.gateways[0]!, fleet.workers[0]!];
  const history = new History();
  try {
    const load = new Load({ client, corpus, history, random, served: SHIPPED }, FULL);
    await sleep(SETTLED_MS);
    await Promise.all([lag(gateway), lag(worker)]); // each question begins the measurement anew
    const before = history.latencies().length;
    await sleep(FULL_MS);
    const requestsPerSecond = (1000 * (history.latencies().length - before)) / FULL_MS;
    const lags = { gateway: await lag(gateway), worker: await lag(worker) };
    await load.stop();
    const violations = [...fleet.crashes(), ...history.violations(["RESOURCE_EXHAUSTED"])];
    return { violations, requestsPerSecond, lag: lags };
  } finally {
    client.close();
    await fleet.stop();
  }
}

async function redisMemory(): Promise<Figures["redis"]> {
  const corpus = await readCorpus();
  const fleet = await Fleet.start({ gateways: 1, workers: 1 });
  const client = openClient(fleet.grpcPorts);
  try {
    await ofJobs(fleet, client, corpus); // what Redis keeps once for all
    return { ...(await ofSentences(fleet, client, corpus)), endedJob: await ofJobs(fleet, client, corpus) };
  } finally {
    client.close();
    await fleet.stop();
  }
}

async function lag(role: Role): Promise<number> {
  return 1000 * (await role.metric("nodejs_eventloop_lag_p99_seconds"));
}

/** With the worker stopped sentences wait; then they are answered. */
async function ofSentences(fleet: Fleet, client: Client, corpus: readonly Pair[]) {
  const before = await settled(fleet);
  fleet.workers[0]!.pause();
  let refused = 0;
  const texts = Array.from({ length: TEXTS }, (_, k) => corpus[k % corpus.length]!.source);
  const message = translation.TranslateRequest.fromPartial({ model: TINY.model, options: TINY.options, texts });
  const deadline = Date.now() + 60_000;
  const calls = Array.from({ length: CALLS }, () =>
    ask<translation.TranslateResponse>((done) =>
      client.translation.translate(message, new Metadata(), { deadline }, done),
    ).catch(() => void refused++),
  );
  const full = await settled(fleet);
  const queued = TEXTS * (CALLS - refused);
  fleet.workers[0]!.resume();
  await Promise.all(calls);
  const after = await settled(fleet);
  return { queuedSentence: (full - before) / queued, answeredSentence: (after - before) / queued };
}

async function ofJobs(fleet: Fleet, client: Client, corpus: readonly Pair[]): Promise<number> {
  const before = await settled(fleet);
  const texts = Array.from({ length: LINES }, (_, k) => corpus[k % corpus.length]!.source);
  const message = batch.CreateBatchRequest.fromPartial({ model: TINY.model, options: TINY.options, texts });
  for (let k = 0; k < JOBS; k++) {
    const { id } = await ask<batch.Batch>((done) => client.batch.createBatch(message, done));
    for (;;) {
      const { state } = await ask<batch.Batch>((done) => client.batch.getBatch({ id }, done));
      if (state !== batch.BatchState.BATCH_STATE_RUNNING) break;
      await sleep(20);
    }
  }
  return ((await settled(fleet)) - before) / JOBS;
}

async function settled(fleet: Fleet): Promise<number> {
  await sleep(SETTLED_MS);
  return fleet.redisMemory();
}
