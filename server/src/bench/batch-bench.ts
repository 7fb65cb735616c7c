import { batch } from "@carousel/protos";
import { credentials } from "@grpc/grpc-js";
import { Stack } from "./stack.js";

const MODEL = "bench";
const WORKERS = 2;
/** Lines of one message of the upload. */
const LINES_PER_MESSAGE = 1000;

export interface BatchBench {
  readonly lines: number;
  readonly seconds: { readonly upload: number; readonly translate: number };
  /** Largest resident size, bytes, of each process since it started. */
  readonly peak: { readonly gateway: number; readonly workers: readonly number[] };
  /** Largest `used_memory` of Redis, bytes. */
  readonly redisPeak: number;
}

/** One batch job of many lines through a gateway, Redis and two workers with an engine that answers at once. */
export async function benchBatch({ lines }: { lines: number }): Promise<BatchBench> {
  const stack = await Stack.start({ engine: { kind: "instant" }, workers: WORKERS });
  const client = new batch.BatchServiceClient(`127.0.0.1:${stack.grpcPort}`, credentials.createInsecure());
  try {
    const startedMs = performance.now();
    const { id } = await upload(client, lines);
    const uploadedMs = performance.now();
    let last: batch.Batch | undefined;
    for await (const job of client.watchBatch({ id }) as AsyncIterable<batch.Batch>) last = job;
    if (last?.completed !== lines || last.failed > 0) throw new Error(`the job ended with ${last?.completed} lines`);
    let read = 0;
    for await (const { line } of client.readResults({ id, fromLine: 0 }) as AsyncIterable<batch.BatchResult>) {
      if (line !== read++) throw new Error(`line ${line} came in the place of ${read - 1}`);
    }
    if (read !== lines) throw new Error(`${read} results of ${lines} lines`);
    const seconds = { upload: (uploadedMs - startedMs) / 1000, translate: (last.endedMs - last.createdMs) / 1000 };
    return { lines, seconds, ...(await stack.peaks()) };
  } finally {
    client.close();
    await stack.stop();
  }
}

function upload(client: batch.BatchServiceClient, lines: number): Promise<batch.Batch> {
  return new Promise((resolve, reject) => {
    const call = client.uploadBatch((error, job) => (error ? reject(error) : resolve(job)));
    const send = async () => {
      const settings = batch.CreateBatchRequest.fromPartial({ model: MODEL, options: { beamSize: 1 } });
      call.write(batch.UploadBatchRequest.fromPartial({ settings }));
      for (let from = 0; from < lines; from += LINES_PER_MESSAGE) {
        const size = Math.min(LINES_PER_MESSAGE, lines - from);
        const text = Array.from({ length: size }, (_, k) => `This is line ${from + k} of a large batch job\n`).join("");
        const message = batch.UploadBatchRequest.fromPartial({ data: Buffer.from(text) });
        if (!call.write(message)) await new Promise((drained) => call.once("drain", drained));
      }
      call.end();
    };
    send().catch(reject);
  });
}
