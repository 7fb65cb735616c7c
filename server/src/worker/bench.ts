import { searchOptions } from "../gateway/validate.js";
import { LocalModel } from "../local.js";

export interface DecodeBench {
  readonly batch: number;
  readonly beam: number;
  /** Medians of the runs. */
  readonly seconds: number;
  readonly sentencesPerSecond: number;
  /** Tokens of the best hypotheses, eos included. */
  readonly tokensPerSecond: number;
}

/** Translates the same sentences again and again, so many at a time; the whole way but for the network. */
export async function benchDecode(options: {
  folder: string;
  sentences: readonly string[];
  batches: readonly number[];
  beams: readonly number[];
  threads: number;
  runs?: number;
}): Promise<DecodeBench[]> {
  const { folder, sentences, batches, beams, threads, runs = 5 } = options;
  const model = await LocalModel.open(folder, { intraOpThreads: threads });
  const rows: DecodeBench[] = [];
  for (const beam of beams) {
    for (const batch of batches) {
      const texts = Array.from({ length: batch }, (_, k) => sentences[k % sentences.length]!);
      const times: number[] = [];
      let tokens = 0;
      for (let run = 0; run <= runs; run++) {
        const start = performance.now();
        tokens = 0;
        for await (const { hypotheses } of model.translate(texts, searchOptions({ beamSize: beam }))) {
          tokens += hypotheses[0]!.tokens.length;
        }
        if (run > 0) times.push((performance.now() - start) / 1000);
      }
      const seconds = times.sort((a, b) => a - b)[times.length >> 1]!;
      rows.push({ batch, beam, seconds, sentencesPerSecond: batch / seconds, tokensPerSecond: tokens / seconds });
    }
  }
  await model.close();
  return rows;
}
