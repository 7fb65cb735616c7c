import { translation } from "@carousel/protos";
import { credentials, type ServiceError } from "@grpc/grpc-js";

export interface Load {
  readonly model: string;
  readonly sentences: readonly string[];
  /** Calls on their way at any time. */
  readonly callers: number;
  readonly sentencesPerCall: number;
  readonly seconds: number;
}

export interface LoadResult {
  /** Sentences answered in all, in the first tenth of the time too. */
  readonly sentences: number;
  readonly callers: number;
  readonly sentencesPerCall: number;
  readonly requestsPerSecond: number;
  readonly sentencesPerSecond: number;
  /** Milliseconds from call to answer. */
  readonly latencyMs: { readonly p50: number; readonly p90: number; readonly p99: number };
}

const OPTIONS = { beamSize: 1, nBest: 1, maxLength: 0, lengthPenalty: undefined, alignments: false } as const;

/** Calls Translate for so many seconds, so many calls at a time; the first tenth of the time is not counted. */
export async function load(grpcPort: number, options: Load): Promise<LoadResult> {
  const { model, sentences, callers, sentencesPerCall, seconds } = options;
  const client = new translation.TranslationServiceClient(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
  const call = (texts: string[]) =>
    new Promise<void>((resolve, reject) => {
      const request = translation.TranslateRequest.fromPartial({ model, texts, options: OPTIONS });
      client.translate(request, (error: ServiceError | null) => (error ? reject(error) : resolve()));
    });
  const begin = performance.now() + 100 * seconds;
  const end = begin + 1000 * seconds;
  const times: number[] = [];
  let [next, sentencesAnswered] = [0, 0];
  const caller = async () => {
    for (;;) {
      const called = performance.now();
      if (called >= end) return;
      await call(Array.from({ length: sentencesPerCall }, () => sentences[next++ % sentences.length]!));
      sentencesAnswered += sentencesPerCall;
      const now = performance.now();
      if (now >= begin && now <= end) times.push(now - called);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  client.close();
  times.sort((a, b) => a - b);
  const quantile = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))] ?? Number.NaN;
  const requestsPerSecond = times.length / seconds;
  return {
    sentences: sentencesAnswered,
    callers,
    sentencesPerCall,
    requestsPerSecond,
    sentencesPerSecond: requestsPerSecond * sentencesPerCall,
    latencyMs: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) },
  };
}
