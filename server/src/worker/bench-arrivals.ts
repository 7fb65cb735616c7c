import { type BenchEngine, type BenchText, openEngine, segmentOf, translate } from "./bench.js";
import type { Engine } from "./engine.js";

export interface ArrivalsOptions extends BenchEngine {
  readonly folder: string;
  readonly texts: readonly BenchText[];
  readonly maxBatchSentences: number;
  /** Milliseconds that 99 of 100 sentences may take from arrival to answer. */
  readonly p99: number;
  /** Seconds of arrivals in one trial. */
  readonly seconds: number;
}

export interface Arrivals {
  /** Sentences that arrived a second: the highest rate tried at which p99 kept to its limit. */
  readonly sentencesPerSecond: number;
  /** Milliseconds, at that rate. */
  readonly latency: { readonly p50: number; readonly p99: number };
}

const REFINEMENTS = 5;

/** The rate of Poisson arrivals, of texts picked at random, that an engine bears within a latency. */
export async function benchArrivals({ folder, ...options }: ArrivalsOptions): Promise<Arrivals> {
  const engine = await openEngine(folder, options);
  const trial = (rate: number) => arrivalsAt(engine, { ...options, rate });
  let high = await saturated(engine, options);
  let low = 0;
  let best: Arrivals = { sentencesPerSecond: 0, latency: { p50: Number.NaN, p99: Number.NaN } };
  for (let n = 0; n < REFINEMENTS; n++) {
    const rate = (low + high) / 2;
    const latency = await trial(rate);
    if (latency.p99 <= options.p99) [low, best] = [rate, { sentencesPerSecond: rate, latency }];
    else high = rate;
  }
  await engine.close();
  return best;
}

/** Sentences a second when there are always more that wait. */
async function saturated(
  engine: Engine,
  { texts, maxBatchSentences }: ArrivalsOptions | Omit<ArrivalsOptions, "folder">,
): Promise<number> {
  const random = uniformNumbers(1);
  const all = Array.from({ length: 12 * maxBatchSentences }, () => segmentOf(engine, pick(texts, random)));
  await translate(engine, all.slice(0, maxBatchSentences));
  const start = performance.now();
  await translate(engine, all);
  return (1000 * all.length) / (performance.now() - start);
}

/** Latencies count from the arrival, not from when the process got round to it. */
async function arrivalsAt(
  engine: Engine,
  { texts, rate, seconds }: { texts: readonly BenchText[]; rate: number; seconds: number },
): Promise<Arrivals["latency"]> {
  const random = uniformNumbers(2);
  const latencies: number[] = [];
  const answers: Promise<void>[] = [];
  const start = performance.now();
  for (let at = 0; at < 1000 * seconds; at += (-1000 * Math.log(1 - random())) / rate) {
    const early = start + at - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const answered = translate(engine, [segmentOf(engine, pick(texts, random))]);
    answers.push(answered.then(() => void latencies.push(performance.now() - start - at)));
  }
  await Promise.all(answers);
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))]!;
  return { p50: quantile(0.5), p99: quantile(0.99) };
}

function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)]!;
}

/** In [0, 1), the same for a seed (Lehmer's generator). */
function uniformNumbers(seed: number): () => number {
  let state = seed;
  for (let n = 0; n < 10; n++) state = (state * 48271) % 0x7fffffff;
  return () => {
    state = (state * 48271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}
