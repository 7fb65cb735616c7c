import { batch } from "@carousel/protos";
import { credentials } from "@grpc/grpc-js";

/** Lines of one message of the upload. */
const LINES_PER_MESSAGE = 1000;

/** Seconds that a job took to be stored and to be translated. */
export interface BatchSeconds {
  readonly upload: number;
  readonly translate: number;
}

/** Uploads a job of so many lines, waits for its end, and reads its results. @throws Error when one is missing or failed */
export async function batchLoad(
  grpcPort: number,
  { model, lines }: { model: string; lines: number },
): Promise<BatchSeconds> {
  const client = new batch.BatchServiceClient(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
  try {
    const startedMs = performance.now();
    const settings = batch.CreateBatchRequest.fromPartial({ model, options: { beamSize: 1 } });
    const { id } = await uploadLines(client, {
      settings,
      lines,
      line: (k) => `This is line ${k} of a large batch job`,
    });
    const uploadedMs = performance.now();
    let last: batch.Batch | undefined;
    for await (const job of client.watchBatch({ id }) as AsyncIterable<batch.Batch>) last = job;
    if (last?.completed !== lines || last.failed > 0) throw new Error(`the job ended with ${last?.completed} lines`);
    let read = 0;
    for await (const { line } of client.readResults({ id, fromLine: 0 }) as AsyncIterable<batch.BatchResult>) {
      if (line !== read++) throw new Error(`line ${line} came in the place of ${read - 1}`);
    }
    if (read !== lines) throw new Error(`${read} results of ${lines} lines`);
    return { upload: (uploadedMs - startedMs) / 1000, translate: (last.endedMs - last.createdMs) / 1000 };
  } finally {
    client.close();
  }
}

export interface Upload {
  readonly settings: batch.CreateBatchRequest;
  readonly lines: number;
  /** The text of a line, counted from 0. */
  readonly line: (k: number) => string;
}

/** A job of texts, in messages of many lines, as fast as they are taken. */
export function uploadLines(client: batch.BatchServiceClient, { settings, lines, line }: Upload): Promise<batch.Batch> {
  return new Promise((resolve, reject) => {
    const call = client.uploadBatch((error, job) => (error ? reject(error) : resolve(job)));
    const send = async () => {
      call.write(batch.UploadBatchRequest.fromPartial({ settings }));
      for (let from = 0; from < lines; from += LINES_PER_MESSAGE) {
        const size = Math.min(LINES_PER_MESSAGE, lines - from);
        const text = Array.from({ length: size }, (_, k) => `${line(from + k)}\n`).join("");
        const message = batch.UploadBatchRequest.fromPartial({ data: Buffer.from(text) });
        if (!call.write(message)) await new Promise((drained) => call.once("drain", drained));
      }
      call.end();
    };
    send().catch(reject);
  });
}
