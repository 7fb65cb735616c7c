import { randomUUID } from "node:crypto";
import { type LoadResult, load } from "../gateway/grpc/load.js";
import { searchOptions } from "../gateway/validate.js";
import type { SegmentProcessor } from "../queue/port.js";
import { openEngine } from "../worker/bench.js";
import { InstantEngine } from "./engines.js";
import { Stack } from "./stack.js";

const MODEL = "bench";
const SENTENCES = Array.from({ length: 64 }, (_, k) => `This is sentence number ${k} of the load`);
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
  /** Sentences a second, median of the rounds. */
  readonly engine: number;
  readonly stack: number;
  readonly kept: number;
}

/** A model's engine called directly, and through the stack, in turn: what share of its sentences/s the stack keeps. */
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
  const direct: number[] = [];
  const through: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      direct.push(await directRate(engine, { model, sentences, batch, seconds }));
      const result = await load(stack.grpcPort, {
        model,
        sentences,
        seconds,
        callers: batch / 8,
        sentencesPerCall: 16,
      });
      through.push(result.sentencesPerSecond);
    }
  } finally {
    await engine.close();
    await stack.stop();
  }
  const [atEngine, atStack] = [median(direct), median(through)];
  return { batch, engine: atEngine, stack: atStack, kept: atStack / atEngine };
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

/** Twice as many sentences as a batch holds are on their way at any time, as in the stack. */
async function directRate(
  engine: SegmentProcessor,
  { model, sentences, batch, seconds }: { model: string; sentences: readonly string[]; batch: number; seconds: number },
): Promise<number> {
  const begin = performance.now() + 100 * seconds;
  const end = begin + 1000 * seconds;
  let [next, done] = [0, 0];
  const caller = async () => {
    while (performance.now() < end) {
      await ask(engine, model, sentences[next++ % sentences.length]!);
      const now = performance.now();
      if (now >= begin && now <= end) done++;
    }
  };
  await Promise.all(Array.from({ length: 2 * batch }, caller));
  return done / seconds;
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
    deadline: Number.MAX_SAFE_INTEGER,
    stream: false,
  } as const;
  await engine.process([{ segment, signal: new AbortController().signal }], (event) => {
    if (event.type === "error") throw new Error(event.error.message);
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
