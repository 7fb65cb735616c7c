import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { translation } from "@carousel/protos";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { loadConfig } from "../../config.js";
import { startServer } from "../../roles.js";

export interface ServeBench {
  readonly concurrency: number;
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Milliseconds from call to answer. */
  readonly latency: { readonly p50: number; readonly p90: number; readonly p99: number };
}

/** One-sentence Translate calls to a server of its own in this process, so many on their way at any time. */
export async function benchServe(options: {
  models: string;
  model: string;
  redis?: string;
  sentences: readonly string[];
  concurrency: readonly number[];
  calls: number;
  beam: number;
}): Promise<ServeBench[]> {
  const { models, model, redis, sentences, calls, beam } = options;
  const jobs = await mkdtemp(join(tmpdir(), "carousel-bench-"));
  const ports = { host: "127.0.0.1", grpcPort: 0, httpPort: 0 };
  const server = await startServer(loadConfig({ ...ports, models, redis, jobs, logLevel: "silent" }, {}));
  const client = new translation.TranslationServiceClient(`127.0.0.1:${server.grpcPort}`, credentials.createInsecure());
  const translate = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const request = translation.TranslateRequest.fromPartial({ model, texts: [text], options: { beamSize: beam } });
      client.translate(request, (error: ServiceError | null) => (error ? reject(error) : resolve()));
    });
  const rows: ServeBench[] = [];
  for (const concurrency of options.concurrency) {
    await measure({ translate, sentences, calls: 2 * concurrency, concurrency }); // warm-up
    rows.push(await measure({ translate, sentences, calls, concurrency }));
  }
  client.close();
  await server.close();
  await rm(jobs, { recursive: true, force: true });
  return rows;
}

async function measure(options: {
  translate: (text: string) => Promise<void>;
  sentences: readonly string[];
  calls: number;
  concurrency: number;
}): Promise<ServeBench> {
  const { translate, sentences, calls, concurrency } = options;
  const times: number[] = [];
  let next = 0;
  const start = performance.now();
  const caller = async () => {
    for (let k = next++; k < calls; k = next++) {
      const called = performance.now();
      await translate(sentences[k % sentences.length]!);
      times.push(performance.now() - called);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const quantile = (q: number) => times[Math.min(times.length - 1, Math.floor(q * times.length))]!;
  const latency = { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) };
  return { concurrency, calls, callsPerSecond: calls / seconds, latency };
}
