import { cpuMs } from "../bench/usage.js";
import { type BenchText, benchEach, type Rows, segmentsOf, translate, withBeam } from "./bench.js";
import type { Engine } from "./engine.js";

/** What an engine does that always has more to do. */
export interface FullLoad {
  readonly sentencesPerSecond: number;
  /** Tokens of the best hypotheses, eos included, a second. */
  readonly tokensPerSecond: number;
  /** Processor time of the process a sentence, milliseconds. */
  readonly cpuMs: number;
}

export interface FullBench extends FullLoad {
  readonly batch: number;
  readonly beam: number;
}

export interface FullBenchOptions extends Rows<FullBench> {
  readonly texts: readonly BenchText[];
  readonly seconds: number;
}

/** Continuous batches that are always full. */
export function benchFull({ texts, seconds, ...options }: FullBenchOptions): Promise<FullBench[]> {
  return benchEach(options, async (engine, { batch, beam }) => {
    return { batch, beam, ...(await fullLoad(engine, { texts: withBeam(texts, beam), seconds })) };
  });
}

/** As many sentences on their way at any time as the engine takes; the first tenth of the time does not count in the rates. */
export async function fullLoad(
  engine: Engine,
  { texts, seconds }: { texts: readonly BenchText[]; seconds: number },
): Promise<FullLoad> {
  const cpuBefore = cpuMs();
  const begin = performance.now() + 100 * seconds;
  const end = begin + 1000 * seconds;
  let [asked, answered, sentences, tokens] = [0, 0, 0, 0];
  const caller = async () => {
    while (performance.now() < end) {
      const [result] = await translate(engine, segmentsOf(engine, texts, { from: asked++, count: 1 }));
      answered++;
      const now = performance.now();
      if (now < begin || now > end) continue;
      sentences++;
      tokens += result!.hypotheses[0]!.tokens.length;
    }
  };
  await Promise.all(Array.from({ length: engine.capacity }, caller));
  return {
    sentencesPerSecond: sentences / seconds,
    tokensPerSecond: tokens / seconds,
    cpuMs: (cpuMs() - cpuBefore) / answered,
  };
}
