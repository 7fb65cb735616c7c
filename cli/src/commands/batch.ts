import { extname } from "node:path";
import { batch } from "@carousel/protos";
import { BATCH_FORMATS, type BatchFormat } from "@carousel/server/jobs/formats/index";
import { Command, Option } from "commander";
import { BatchProgress, describe } from "../batch-progress.js";
import { ADDRESS, gatewayClient } from "../gateway-client.js";
import { InputError } from "../input-error.js";
import { integer } from "../options.js";
import { openDocument, write, writeJson } from "../streams.js";
import { type Done, streamCall, unaryCall } from "../unary-call.js";

const PAGE = 100;

interface Connection {
  readonly address: string;
  readonly json?: true;
}

/** Asynchronous jobs on a server that runs. */
export function batchCommand(): Command {
  return new Command("batch")
    .description("submit, list, watch, pause and cancel batch jobs on a server, and read their results")
    .addCommand(submit())
    .addCommand(status())
    .addCommand(watch())
    .addCommand(results())
    .addCommand(documentCommand())
    .addCommand(change("cancel", "stop a job; its results stay readable", (c, id, done) => c.cancelBatch({ id }, done)))
    .addCommand(change("pause", "stop a job until it is resumed", (c, id, done) => c.pauseBatch({ id }, done)))
    .addCommand(change("resume", "go on with a job that is paused", (c, id, done) => c.resumeBatch({ id }, done)))
    .addCommand(change("retry", "translate what failed once more", (c, id, done) => c.retryBatch({ id }, done)))
    .addCommand(remove());
}

/** Endings of file names, by the format that they say. */
const ENDINGS: Readonly<Record<string, BatchFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".tsv": "tsv",
  ".tmx": "tmx",
  ".xlf": "xliff",
  ".xliff": "xliff",
  ".md": "markdown",
  ".markdown": "markdown",
  ".srt": "srt",
};

interface Submit extends Connection {
  readonly model: string;
  readonly beam: number;
  readonly format?: BatchFormat;
  readonly key: string;
  readonly keepDays?: number;
  readonly webhook?: string;
  readonly output: string;
  readonly outputForm: keyof typeof FORMS;
  readonly watch?: true;
}

function submit(): Command {
  return new Command("submit")
    .description("make a job of a file, of a document in S3 that the server reads, or of standard input; prints its id")
    .argument("[document]", "a file, or s3://BUCKET/KEY")
    .requiredOption("--model <name>", "the model, as the server names it")
    .option("--beam <n>", "beam size", integer(1, 16), 5)
    .addOption(
      new Option("--format <f>", "how it is written; by default as its name says, or lines").choices(
        Object.keys(BATCH_FORMATS),
      ),
    )
    .option("--key <key>", "a name for this job: submitted again, it is the same job", "")
    .option("--output <uri>", "s3://BUCKET/KEY to which the server writes the translated document", "")
    .addOption(formOption("--output-form <form>"))
    .option("--keep-days <n>", "days for which it is kept after its end; 0: for ever", Number)
    .option("--webhook <url>", `told of its end; ${SECRET} holds the secret that signs`)
    .option("--watch", "show progress until it has ended")
    .option(...ADDRESS)
    .addHelpText("after", "\nExample:\n  carousel batch submit --model tatoeba-ja-en --watch input.ja")
    .action(async (document: string | undefined, options: Submit) => {
      const format = options.format ?? ENDINGS[extname(document ?? "").toLowerCase()] ?? "lines";
      const job = document?.startsWith("s3://")
        ? await create(document, { ...options, format })
        : await upload(document ? await openDocument(document) : process.stdin, { ...options, format });
      await write(`${job.id}\n`);
      if (options.watch) await follow(options, job.id);
    });
}

/** The environment, not an option: others of this machine see those. */
const SECRET = "CAROUSEL_WEBHOOK_SECRET";

function settingsOf(options: Submit): batch.CreateBatchRequest {
  const { model, beam, key, keepDays, webhook, output, outputForm } = options;
  if (keepDays !== undefined && !(keepDays >= 0)) throw new InputError("--keep-days must be a number, 0 or more");
  const secret = process.env[SECRET] ?? "";
  if (webhook && secret === "") throw new InputError(`--webhook needs a secret in ${SECRET}`);
  return batch.CreateBatchRequest.fromPartial({
    model,
    options: { beamSize: beam },
    key,
    ...(keepDays === undefined ? {} : { retentionSeconds: Math.round(keepDays * 86_400) }),
    ...(webhook ? { webhook: { url: webhook, secret } } : {}),
    outputUri: output,
    outputForm: FORMS[outputForm],
  });
}

function wireFormat(format: BatchFormat): batch.BatchFormat {
  return batch.batchFormatFromJSON(`BATCH_FORMAT_${format.toUpperCase()}`);
}

/** A document that the server reads itself. */
function create(inputUri: string, options: Submit & { format: BatchFormat }): Promise<batch.Batch> {
  const request = { ...settingsOf(options), inputUri, format: wireFormat(options.format) };
  return call<batch.Batch>(options, (client, done) => client.createBatch(request, done));
}

/** Sends a document as it is read, and waits while the server is slower. */
async function upload(
  document: AsyncIterable<Uint8Array>,
  options: Submit & { format: BatchFormat },
): Promise<batch.Batch> {
  const settings = settingsOf(options);
  const client = connect(options);
  try {
    return await new Promise<batch.Batch>((resolve, reject) => {
      const call = client.uploadBatch((error, job) => {
        if (error) reject(new InputError(`${options.address}: ${error.details || error.message}`));
        else resolve(job);
      });
      const send = async () => {
        call.write(batch.UploadBatchRequest.fromPartial({ settings, format: wireFormat(options.format) }));
        for await (const data of document) {
          const message = batch.UploadBatchRequest.fromPartial({ data: Buffer.from(data) });
          if (!call.write(message)) await new Promise((drained) => call.once("drain", drained));
        }
        call.end();
      };
      send().catch((error: Error) => {
        call.cancel();
        reject(new InputError(error.message));
      });
    });
  } finally {
    client.close();
  }
}

interface Status extends Connection {
  readonly state?: readonly string[];
  readonly model?: string;
  readonly limit: number;
}

function status(): Command {
  return new Command("status")
    .description("one job, or all of them, the newest first")
    .argument("[id]")
    .addOption(new Option("--state <state...>", "only jobs in one of these states").choices(Object.keys(STATES)))
    .option("--model <name>", "only jobs for this model")
    .option("--limit <n>", "so many at most", integer(1), 1000)
    .option("--json", "print JSON")
    .option(...ADDRESS)
    .action(async (id: string | undefined, options: Status) => {
      const jobs = id
        ? [await call<batch.Batch>(options, (client, done) => client.getBatch({ id }, done))]
        : await list(options);
      if (options.json) return writeJson(jobs.map(batch.Batch.toJSON));
      for (const job of jobs) await write(`${describe(job)}\n`);
    });
}

const STATES: Readonly<Record<string, batch.BatchState>> = {
  running: batch.BatchState.BATCH_STATE_RUNNING,
  paused: batch.BatchState.BATCH_STATE_PAUSED,
  done: batch.BatchState.BATCH_STATE_DONE,
  cancelled: batch.BatchState.BATCH_STATE_CANCELLED,
};

/** Page by page. */
async function list({ state = [], model = "", limit, ...connection }: Status): Promise<batch.Batch[]> {
  const jobs: batch.Batch[] = [];
  let pageToken = "";
  do {
    const pageSize = Math.min(PAGE, limit - jobs.length);
    const request = { pageSize, pageToken, model, states: state.map((name) => STATES[name]!) };
    const page = await call<batch.ListBatchesResponse>(connection, (client, done) => client.listBatches(request, done));
    jobs.push(...page.batches);
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && jobs.length < limit);
  return jobs;
}

function watch(): Command {
  return new Command("watch")
    .description("progress of a job until it has ended")
    .argument("<id>")
    .option(...ADDRESS)
    .action((id: string, options: Connection) => follow(options, id));
}

function results(): Command {
  return new Command("results")
    .description("translations in the order of the input, as far as they are there; a failed line is empty")
    .argument("<id>")
    .option("--from <line>", "number of the first line wanted, from 0", integer(0), 0)
    .option("--json", "one JSON object a line, with errors")
    .option(...ADDRESS)
    .action(async (id: string, options: Connection & { from: number }) => {
      const request = { id, fromLine: options.from };
      for await (const result of stream<batch.BatchResult>(options, (client) => client.readResults(request))) {
        if (!options.json && result.error) process.stderr.write(`line ${result.line + 1}: ${result.error}\n`);
        await write(options.json ? `${JSON.stringify(result)}\n` : `${result.text.replaceAll("\n", " ")}\n`);
      }
    });
}

const FORMS = {
  same: batch.DocumentForm.DOCUMENT_FORM_SAME,
  parallel: batch.DocumentForm.DOCUMENT_FORM_PARALLEL,
} as const;

const formOption = (flags: string) =>
  new Option(
    flags,
    "same: the format that it came in; parallel: a line a segment, source and translation with a tab between",
  )
    .choices(Object.keys(FORMS))
    .default("same");

function documentCommand(): Command {
  return new Command("document")
    .description("the translated document, in the format that it came in, when the job is done")
    .argument("<id>")
    .addOption(formOption("--form <form>"))
    .option(...ADDRESS)
    .action(async (id: string, options: Connection & { form: keyof typeof FORMS }) => {
      const request = { id, form: FORMS[options.form] };
      for await (const { data } of stream<batch.DocumentPiece>(options, (client) => client.readDocument(request))) {
        await write(Buffer.from(data));
      }
    });
}

/** A command that changes a job and shows it. */
function change(
  name: string,
  description: string,
  make: (client: batch.BatchServiceClient, id: string, done: Done<batch.Batch>) => unknown,
): Command {
  return new Command(name)
    .description(description)
    .argument("<id>")
    .option(...ADDRESS)
    .action(async (id: string, options: Connection) => {
      await write(`${describe(await call<batch.Batch>(options, (client, done) => make(client, id, done)))}\n`);
    });
}

function remove(): Command {
  return new Command("delete")
    .description("remove a job and all it holds")
    .argument("<id>")
    .option(...ADDRESS)
    .action(async (id: string, options: Connection) => {
      await call<batch.DeleteBatchResponse>(options, (client, done) => client.deleteBatch({ id }, done));
    });
}

async function follow(options: Connection, id: string): Promise<void> {
  const progress = new BatchProgress();
  try {
    for await (const job of stream<batch.Batch>(options, (client) => client.watchBatch({ id }))) progress.show(job);
  } finally {
    progress.end();
  }
}

function connect({ address }: Connection): batch.BatchServiceClient {
  return gatewayClient(batch.BatchServiceClient, address);
}

function call<T>(options: Connection, make: (client: batch.BatchServiceClient, done: Done<T>) => unknown): Promise<T> {
  return unaryCall(connect(options), options, make);
}

function stream<T>(options: Connection, make: (client: batch.BatchServiceClient) => unknown): AsyncIterable<T> {
  return streamCall(connect(options), options, (client) => make(client) as AsyncIterable<T>);
}
