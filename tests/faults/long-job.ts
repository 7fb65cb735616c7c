import { setTimeout as sleep } from "node:timers/promises";
import { batch } from "@carousel/protos";
import { uploadLines } from "@carousel/server/bench/load/batch-load";
import { ask, type Client, openClient } from "./client.js";
import { type Pair, readCorpus, TINY } from "./corpus.js";
import { Fleet } from "./fleet.js";
import type { Role } from "./role.js";

const POLL_MS = 500;
/** Lines that are wrong and are told of. */
const KEPT = 20;
const MIB = 1024 * 1024;

export interface LongJobOptions {
  readonly lines: number;
  readonly onProgress?: (about: { readonly completed: number; readonly seconds: number }) => void;
}

export interface LongJobVerdict {
  readonly violations: readonly string[];
  readonly lines: number;
  /** Lines that were done when everything ended. */
  readonly doneBefore: number;
  readonly seconds: { readonly upload: number; readonly translation: number; readonly reading: number };
  /** Segments that each worker has answered: before everything ended, and after. */
  readonly segments: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** Largest resident size, MiB, of any gateway and any worker; and the most that Redis held. */
  readonly peakMib: { readonly gateway: number; readonly worker: number; readonly redis: number };
}

/** One job of so many lines. Half way through it every process is killed, and Redis loses all its data. */
export async function longJob({ lines, onProgress = () => {} }: LongJobOptions): Promise<LongJobVerdict> {
  const corpus = await readCorpus();
  const pair = (line: number) => corpus[line % corpus.length]!;
  const fleet = await Fleet.start({ room: "large" });
  const client = openClient(fleet.grpcPorts);
  try {
    const uploading = stopwatch();
    const settings = batch.CreateBatchRequest.fromPartial({ model: TINY.model, options: TINY.options });
    const { id } = await uploadLines(client.batch, { settings, lines, line: (k) => pair(k).source });
    const uploaded = uploading();
    const translating = stopwatch();
    const until = async (completed: number) => {
      for (;;) {
        const job = await ask<batch.Batch>((done) => client.batch.getBatch({ id }, done));
        onProgress({ completed: job.completed, seconds: translating() });
        if (job.completed >= completed || job.state !== batch.BatchState.BATCH_STATE_RUNNING) return job;
        await sleep(POLL_MS);
      }
    };
    const half = await until(lines / 2);
    const before = await sizesOf(fleet);
    await endEverything(fleet);
    const ended = await until(lines);
    const translation = translating();
    const after = await sizesOf(fleet);
    const reading = stopwatch();
    const violations = await wrongLines(client, { id, lines, pair });
    const complete = ended.completed === lines && ended.failed === 0;
    return {
      violations: [
        ...fleet.crashes(),
        ...(complete ? [] : [`the job ended with ${ended.completed} lines done and ${ended.failed} failed`]),
        ...violations,
      ],
      lines,
      doneBefore: half.completed,
      seconds: { upload: uploaded, translation, reading: reading() },
      segments: { before: before.segments, after: after.segments },
      peakMib: {
        gateway: Math.max(before.gateway, after.gateway),
        worker: Math.max(before.worker, after.worker),
        redis: Math.max(before.redis, after.redis),
      },
    };
  } finally {
    client.close();
    await fleet.stop();
  }
}

/** Kills all gateways and workers; Redis forgets everything; then all start again. */
async function endEverything(fleet: Fleet): Promise<void> {
  await Promise.all([...fleet.gateways, ...fleet.workers].map((role) => role.end("SIGKILL")));
  await fleet.askRedis("FLUSHALL");
  await fleet.redis.down();
  await fleet.redis.up();
  await Promise.all([
    ...fleet.workers.map((_, k) => fleet.startWorker(k)),
    ...fleet.gateways.map((_, k) => fleet.startGateway(k)),
  ]);
}

async function sizesOf(fleet: Fleet) {
  const largest = async (roles: readonly Role[]) =>
    Math.max(...(await Promise.all(roles.map((role) => role.peakBytes())))) / MIB;
  return {
    gateway: await largest(fleet.gateways),
    worker: await largest(fleet.workers),
    redis: (await fleet.redisMemory("used_memory_peak")) / MIB,
    segments: await Promise.all(fleet.workers.map((w) => w.metric('carousel_worker_segments_total{code="OK"}'))),
  };
}

/** What is missing, doubled, out of order, or not the line's translation. */
async function wrongLines(
  { batch: jobs }: Client,
  { id, lines, pair }: { id: string; lines: number; pair: (line: number) => Pair },
): Promise<string[]> {
  const wrong: string[] = [];
  let next = 0;
  for await (const { line, text, error } of jobs.readResults({ id, fromLine: 0 }) as AsyncIterable<batch.BatchResult>) {
    if (line !== next) wrong.push(`line ${line} came in the place of ${next}`);
    else if (error || text !== pair(line).translation) wrong.push(`line ${line}: ${error || text}`);
    next = line + 1;
    if (wrong.length === KEPT) break;
  }
  if (next !== lines && wrong.length < KEPT) wrong.push(`${next} lines came of ${lines}`);
  return wrong;
}

/** Seconds since now. */
function stopwatch(): () => number {
  const begun = performance.now();
  return () => (performance.now() - begun) / 1000;
}
