import { setTimeout as sleep } from "node:timers/promises";
import { batch } from "@carousel/protos";
import type { handleClientStreamingCall } from "@grpc/grpc-js";
import { CarouselError, invalid } from "../../errors.js";
import type { BatchFormat } from "../../jobs/formats/index.js";
import type { DocumentForm } from "../../jobs/formats/unit.js";
import type { BatchJob, BatchState } from "../../jobs/job.js";
import { newBatch } from "../batch-request.js";
import type { CallContext } from "../call-context.js";
import type { Services } from "../services.js";
import { begin, serverStream, unary } from "./call.js";
import { toStatus } from "./status.js";
import { queryOf } from "./translation.js";

const LARGEST_PAGE = 1000;
const CANCEL_MS = 20;

export function batchService(services: Services): batch.BatchServiceServer {
  const { jobs } = services;
  /** A call that changes a job and answers with it. */
  const change = (method: string, make: (id: string) => Promise<BatchJob>) =>
    unary(services, method, async ({ id }: { id: string }) => toBatch(await make(id)));
  return {
    createBatch: unary(services, "CreateBatch", async (request: batch.CreateBatchRequest, { share, signal }) => {
      const { texts, inputUri: uri } = request;
      if (uri !== "" && texts.length > 0) invalid("input_uri", "must be empty when there are texts");
      if (uri === "" && request.format > batch.BatchFormat.BATCH_FORMAT_LINES) {
        invalid("format", "is of a document at input_uri; texts are lines");
      }
      const wanted = { ...settingsOf(request), share, signal, format: formatOf(request.format) };
      return toBatch(await jobs.create(await newBatch(services, { ...wanted, input: uri ? { uri } : { texts } })));
    }),
    uploadBatch: upload(services),
    getBatch: change("GetBatch", (id) => jobs.get(id)),
    listBatches: unary(services, "ListBatches", async (request: batch.ListBatchesRequest) => {
      const { pageSize, pageToken: token, model } = request;
      const states = request.states.map(stateOf);
      const page = await jobs.list({ size: Math.min(pageSize || 100, LARGEST_PAGE), token, states, model });
      return { batches: page.jobs.map(toBatch), nextPageToken: page.nextToken };
    }),
    cancelBatch: change("CancelBatch", (id) => jobs.cancel(id)),
    pauseBatch: change("PauseBatch", (id) => jobs.pause(id)),
    resumeBatch: change("ResumeBatch", (id) => jobs.unpause(id)),
    retryBatch: change("RetryBatch", (id) => jobs.retry(id)),
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
    readDocument: serverStream<batch.ReadDocumentRequest, batch.DocumentPiece>(
      services,
      "ReadDocument",
      async ({ id, form }, { signal }, write) => {
        for await (const piece of jobs.document(id, documentFormOf(form, "form"))) {
          if (signal.aborted) return;
          await write({ data: Buffer.from(piece) });
        }
      },
    ),
    deleteBatch: unary(services, "DeleteBatch", async ({ id }: batch.DeleteBatchRequest) => {
      await jobs.delete(id);
      return {};
    }),
  };
}

/** A document in pieces; it is stored as it comes, and no faster. */
function upload(services: Services): handleClientStreamingCall<batch.UploadBatchRequest, batch.Batch> {
  return (call, callback) => {
    const { context, done } = begin(services, { method: "UploadBatch", call });
    const pieces = (call as AsyncIterable<batch.UploadBatchRequest>)[Symbol.asyncIterator]();
    createFrom(services, pieces, context).then(
      (job) => {
        done();
        callback(null, toBatch(job));
      },
      (error) => {
        done(error);
        callback(toStatus(error));
      },
    );
  };
}

async function createFrom(
  services: Services,
  pieces: AsyncIterator<batch.UploadBatchRequest>,
  { share, signal }: CallContext,
): Promise<BatchJob> {
  const first = await pieces.next();
  const settings = first.done ? undefined : first.value.settings;
  if (!settings) invalid("settings", "must be in the first message of the stream");
  if (settings.texts.length > 0) invalid("settings.texts", "must be empty: the document comes as data");
  if (settings.inputUri !== "") invalid("settings.input_uri", "must be empty: the document comes as data");
  const format = formatOf(first.value.format || settings.format);
  const input = { bytes: dataOf(first.value, pieces, signal) };
  return services.jobs.create(await newBatch(services, { ...settingsOf(settings), share, signal, format, input }));
}

async function* dataOf(
  first: batch.UploadBatchRequest,
  rest: AsyncIterator<batch.UploadBatchRequest>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield first.data;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value.data;
  // a stream that its caller has broken off ends as one that is whole, and is said to be cancelled a few turns later
  await sleep(CANCEL_MS);
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  if (signal.aborted) throw new CarouselError("CANCELLED", "the upload was broken off: no job was made");
}

function settingsOf(request: batch.CreateBatchRequest) {
  const { options, key, retentionSeconds, webhook, outputUri, outputForm } = request;
  const form = documentFormOf(outputForm, "output_form");
  return { query: queryOf(request), options, key, retentionSeconds, webhook, outputUri, outputForm: form };
}

function documentFormOf(form: batch.DocumentForm, field: string): DocumentForm {
  return form === batch.DocumentForm.DOCUMENT_FORM_UNSPECIFIED ? "same" : ownOf(form, FORMS, field);
}

const FORMS: readonly (readonly [DocumentForm, batch.DocumentForm])[] = [
  ["same", batch.DocumentForm.DOCUMENT_FORM_SAME],
  ["parallel", batch.DocumentForm.DOCUMENT_FORM_PARALLEL],
];

const STATES: readonly (readonly [BatchState, batch.BatchState])[] = [
  ["running", batch.BatchState.BATCH_STATE_RUNNING],
  ["paused", batch.BatchState.BATCH_STATE_PAUSED],
  ["done", batch.BatchState.BATCH_STATE_DONE],
  ["cancelled", batch.BatchState.BATCH_STATE_CANCELLED],
];

const FORMATS: readonly (readonly [BatchFormat, batch.BatchFormat])[] = [
  ["lines", batch.BatchFormat.BATCH_FORMAT_LINES],
  ["jsonl", batch.BatchFormat.BATCH_FORMAT_JSONL],
  ["tsv", batch.BatchFormat.BATCH_FORMAT_TSV],
  ["tmx", batch.BatchFormat.BATCH_FORMAT_TMX],
  ["xliff", batch.BatchFormat.BATCH_FORMAT_XLIFF],
  ["text", batch.BatchFormat.BATCH_FORMAT_TEXT],
  ["markdown", batch.BatchFormat.BATCH_FORMAT_MARKDOWN],
  ["srt", batch.BatchFormat.BATCH_FORMAT_SRT],
];

function stateOf(state: batch.BatchState): BatchState {
  const known = STATES.find(([, wire]) => wire === state);
  if (!known) invalid("states", `holds ${state}; allowed are ${STATES.map(([, wire]) => wire).join(", ")}`);
  return known[0];
}

function formatOf(format: batch.BatchFormat): BatchFormat {
  return format === batch.BatchFormat.BATCH_FORMAT_UNSPECIFIED ? "lines" : ownOf(format, FORMATS, "format");
}

/** What a value on the wire stands for. @throws CarouselError INVALID_ARGUMENT naming the field and what is allowed */
function ownOf<Own>(value: number, known: readonly (readonly [Own, number])[], field: string): Own {
  const found = known.find(([, wire]) => wire === value);
  if (!found) invalid(field, `is ${value}; it must be one of ${known.map(([, wire]) => wire).join(", ")}`);
  return found[0];
}

function toBatch({ state, format, options: _, webhook, output, ...job }: BatchJob): batch.Batch {
  return batch.Batch.fromPartial({
    ...job,
    ...(webhook ? { webhook } : {}),
    ...(output ? { outputUri: output.uri } : {}),
    state: STATES.find(([own]) => own === state)![1],
    format: FORMATS.find(([own]) => own === format)![1],
  });
}
