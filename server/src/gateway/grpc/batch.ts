import { batch } from "@carousel/protos";
import type { BatchJob } from "../../jobs/batch-jobs.js";
import type { Services } from "../services.js";
import { checkTexts, searchOptions } from "../validate.js";
import { serverStream, unary } from "./call.js";
import { queryOf } from "./translation.js";

/** Lines of one CreateBatch call; the message limit is met sooner by long ones. */
const MOST_LINES = 100_000;
const LARGEST_PAGE = 1000;

export function batchService(services: Services): batch.BatchServiceServer {
  const { jobs, catalog } = services;
  return {
    createBatch: unary(services, "CreateBatch", async (request: batch.CreateBatchRequest) => {
      checkTexts(request.texts, MOST_LINES);
      const options = searchOptions(request.options);
      const model = await catalog.resolve(queryOf(request));
      return toBatch(await jobs.create({ model: model.name, options, lines: request.texts }));
    }),
    getBatch: unary(services, "GetBatch", async ({ id }: batch.GetBatchRequest) => toBatch(await jobs.get(id))),
    listBatches: unary(services, "ListBatches", async ({ pageSize, pageToken }: batch.ListBatchesRequest) => {
      const page = await jobs.list({ size: Math.min(pageSize || 100, LARGEST_PAGE), token: pageToken });
      return { batches: page.jobs.map(toBatch), nextPageToken: page.nextToken };
    }),
    cancelBatch: unary(services, "CancelBatch", async ({ id }: batch.CancelBatchRequest) =>
      toBatch(await jobs.cancel(id)),
    ),
    watchBatch: serverStream<batch.WatchBatchRequest, batch.Batch>(
      services,
      "WatchBatch",
      async ({ id }, { signal }, write) => {
        for await (const job of jobs.watch(id, signal)) await write(toBatch(job));
      },
    ),
    readResults: serverStream<batch.ReadResultsRequest, batch.BatchResult>(
      services,
      "ReadResults",
      async ({ id, fromLine }, { signal }, write) => {
        for await (const { line, text, error } of jobs.results(id, fromLine)) {
          if (signal.aborted) return;
          await write({ line, text: text ?? "", error: error ?? "" });
        }
      },
    ),
    deleteBatch: unary(services, "DeleteBatch", async ({ id }: batch.DeleteBatchRequest) => {
      await jobs.delete(id);
      return {};
    }),
  };
}

const STATES = {
  running: batch.BatchState.BATCH_STATE_RUNNING,
  done: batch.BatchState.BATCH_STATE_DONE,
  cancelled: batch.BatchState.BATCH_STATE_CANCELLED,
} as const;

function toBatch(job: BatchJob): batch.Batch {
  const { id, model, total, completed, failed, createdMs, endedMs = 0 } = job;
  return { id, state: STATES[job.state], model, total, completed, failed, createdMs, endedMs };
}
