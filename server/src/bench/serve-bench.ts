import { randomUUID } from "node:crypto";
import { searchOptions } from "../gateway/validate.js";
import { NEVER, type SegmentProcessor } from "../queue/port.js";
import { type BenchText, openEngine, segmentsOf, translate } from "../worker/bench.js";
import { fullLoad } from "../worker/bench-full.js";
import type { Engine } from "../worker/engine.js";
import { InstantEngine } from "./engines.js";
import { type LoadResult, load } from "./load/load.js";
import { SENTENCES } from "./load-texts.js";
import { median } from "./median.js";
import { Stack } from "./stack.js";
import { cpuMs } from "./usage.js";

const MODEL = "bench";
/** Sentences on their way, where the path is to be full. */
const FULL = 512;

export interface PathBench {
  readonly rows: readonly LoadResult[];
  /** One call of one sentence at a time: milliseconds, median, through the stack and of the engine called directly. */
  readonly latencyMs: { readonly stack: number; readonly engine: number; readonly added: number };
}

/** gRPC → Redis → worker → back, with an engine that answers at once. */
export async function benchPath({ seconds }: { seconds: number }): Promise<PathBench> {
  const stack = await Stack.start({ engine: { kind: "instant" }, workers: 1 });
  try {
    const common = { model: MODEL, sentences: SENTENCES, seconds };
    const alone = await load(stack.grpcPort, { ...common, callers: 1, sentencesPerCall: 1 });
    const rows: LoadResult[] = [];
    for (const sentencesPerCall of [1, 8, 32]) {
      const callers = Math.max(8, Math.min(64, FULL / sentencesPerCall));
      rows.push(await load(stack.grpcPort, { ...common, callers, sentencesPerCall }));
    }
    const engine = await directMs(new InstantEngine());
    return { rows, latencyMs: { stack: alone.latencyMs.p50, engine, added: alone.latencyMs.p50 - engine } };
  } finally {
    await stack.stop();
  }
}

export interface ModelBench {
  readonly batch: number;
  /** Sentences a second, median of the rounds: of an engine that is always full, of the stack, and of one batch after another. */
  readonly engine: number;
  readonly stack: number;
  readonly decode: number;
  /** The stack's, as a part of the engine's and of what `bench decode` measures. */
  readonly kept: number;
  readonly keptOfDecode: number;
  /** Processor time a sentence, milliseconds, median of the rounds: it does not change when others use the machine. */
  readonly cpuMs: Readonly<Record<"engine" | "gateway" | "worker" | "redis" | "callers", number>>;
  /** 99th percentile of how late timers of the main threads were, milliseconds, the worst of the rounds. */
  readonly lagMs: Readonly<Record<"gateway" | "worker", number>>;
}

/** Sentences of a call where a model is to be kept busy. */
const CALL = 16;

/** A model's engine called directly in two ways, and through the stack, in turn: what share of its sentences/s the stack keeps. */
export async function benchModel(options: {
  folder: string;
  model: string;
  sentences: readonly string[];
  batch: number;
  seconds: number;
  rounds: number;
}): Promise<ModelBench> {
  const { folder, model, sentences, batch, seconds, rounds } = options;
  const stack = await Stack.start({ engine: { kind: "model", folder, batch }, workers: 1 });
  const engine = await openEngine(folder, { maxBatchSentences: batch });
  // what a worker holds is on its way, and in the stack as much again, because a call waits for its longest sentence
  const { capacity } = engine;
  const callers = (2 * capacity) / CALL;
  const texts = sentences.map((text) => ({ text, options: searchOptions({ beamSize: 1 }) }));
  const rows: ModelRound[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const decode = await oneBatchAfterAnother(engine, { texts, seconds, batch });
      const direct = await fullLoad(engine, { texts, seconds });
      await stack.usage();
      const begun = cpuMs();
      const through = await load(stack.grpcPort, { model, sentences, seconds, callers, sentencesPerCall: CALL });
      const [callersMs, usage] = [cpuMs() - begun, await stack.usage()];
      const { gateway, worker, redis } = usage;
      const used = { gateway: gateway.cpuMs, worker: worker.cpuMs, redis: redis.cpuMs, callers: callersMs };
      rows.push({
        rates: { engine: direct.sentencesPerSecond, stack: through.sentencesPerSecond, decode },
        cpuMs: { engine: direct.cpuMs, ...each(used, (ms) => ms / through.sentences) },
        lagMs: { gateway: gateway.lagMs.p99, worker: worker.lagMs.p99 },
      });
    }
  } finally {
    await engine.close();
    await stack.stop();
  }
  const middle = (of: (row: ModelRound) => number) => median(rows.map(of));
  const [atEngine, atStack] = [middle((row) => row.rates.engine), middle((row) => row.rates.stack)];
  const decode = middle((row) => row.rates.decode);
  return {
    batch,
    engine: atEngine,
    stack: atStack,
    decode,
    kept: atStack / atEngine,
    keptOfDecode: atStack / decode,
    cpuMs: each(rows[0]!.cpuMs, (_, part) => middle((row) => row.cpuMs[part])),
    lagMs: each(rows[0]!.lagMs, (_, part) => Math.max(...rows.map((row) => row.lagMs[part]))),
  };
}

interface ModelRound extends Pick<ModelBench, "cpuMs" | "lagMs"> {
  readonly rates: Readonly<Record<"engine" | "stack" | "decode", number>>;
}

function each<K extends string>(values: Readonly<Record<K, number>>, change: (value: number, key: K) => number) {
  const changed = Object.entries<number>(values).map(([key, value]) => [key, change(value, key as K)]);
  return Object.fromEntries(changed) as Record<K, number>;
}

export interface ScalingRow {
  readonly workers: number;
  readonly sentencesPerSecond: number;
  /** Of the rate of one worker times their number. */
  readonly linear: number;
}

/** One, two and four workers, with an engine that sleeps as a GPU would. */
export async function benchScaling({ seconds }: { seconds: number }): Promise<ScalingRow[]> {
  const engine = { kind: "sleeping", batch: 32, milliseconds: 50 } as const;
  const rates: { workers: number; sentencesPerSecond: number }[] = [];
  for (const workers of [1, 2, 4]) {
    const stack = await Stack.start({ engine, workers });
    const common = { model: MODEL, sentences: SENTENCES, seconds };
    const { sentencesPerSecond } = await load(stack.grpcPort, {
      ...common,
      callers: 6 * workers,
      sentencesPerCall: 32,
    });
    await stack.stop();
    rates.push({ workers, sentencesPerSecond });
  }
  return rates.map((row) => ({
    ...row,
    linear: row.sentencesPerSecond / (row.workers * rates[0]!.sentencesPerSecond),
  }));
}

/** As `bench decode` does: a batch begins when the one before has ended. @returns sentences a second */
async function oneBatchAfterAnother(
  engine: Engine,
  { texts, seconds, batch }: { texts: readonly BenchText[]; seconds: number; batch: number },
): Promise<number> {
  const begun = performance.now();
  let done = 0;
  while (performance.now() < begun + 1000 * seconds) {
    await translate(engine, segmentsOf(engine, texts, { from: done, count: batch }));
    done += batch;
  }
  return (1000 * done) / (performance.now() - begun);
}

async function directMs(engine: SegmentProcessor): Promise<number> {
  const times: number[] = [];
  for (let k = 0; k < 1000; k++) {
    const start = performance.now();
    await ask(engine, MODEL, SENTENCES[0]!);
    times.push(performance.now() - start);
  }
  return median(times);
}

async function ask(engine: SegmentProcessor, model: string, text: string): Promise<void> {
  const segment = {
    id: randomUUID(),
    task: "translate",
    model,
    modelVersion: engine.models[0]!.version,
    text,
    options: searchOptions({ beamSize: 1 }),
    priority: "interactive",
    deadline: NEVER,
    stream: false,
  } as const;
  await engine.process([{ segment, signal: new AbortController().signal }], (event) => {
    if (event.type === "error") throw new Error(event.error.message);
  });
}
