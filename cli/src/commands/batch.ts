import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { batch } from "@carousel/protos";
import { BATCH_FORMATS, type BatchFormat } from "@carousel/server/jobs/formats/index";
import { credentials } from "@grpc/grpc-js";
import { Command, Option } from "commander";
import { InputError, write } from "../lines.js";
import { integer } from "../options.js";
import { type Done, unaryCall } from "../unary-call.js";

const ADDRESS = ["--address <host:port>", "the gateway", "localhost:50051"] as const;

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
  readonly watch?: true;
}

function submit(): Command {
  return new Command("submit")
    .description("make a job of a file, or of standard input; prints its id")
    .argument("[file]", "the document")
    .requiredOption("--model <name>", "the model, as the server names it")
    .option("--beam <n>", "beam size", integer(1, 16), 5)
    .addOption(
      new Option("--format <f>", "how it is written; by default as the file's name says, or lines").choices(
        Object.keys(BATCH_FORMATS),
      ),
    )
    .option("--key <key>", "a name for this job: submitted again, it is the same job", "")
    .option("--watch", "show progress until it has ended")
    .option(...ADDRESS)
    .addHelpText("after", "\nExample:\n  carousel batch submit --model tatoeba-ja-en --watch input.ja")
    .action(async (file: string | undefined, options: Submit) => {
      const format = options.format ?? ENDINGS[extname(file ?? "").toLowerCase()] ?? "lines";
      const job = await upload(file ? createReadStream(file) : process.stdin, { ...options, format });
      await write(`${job.id}\n`);
      if (options.watch) await follow(options, job.id);
    });
}

/** Sends a document as it is read, and waits while the server is slower. */
async function upload(
  document: AsyncIterable<Uint8Array>,
  options: Submit & { format: BatchFormat },
): Promise<batch.Batch> {
  const client = connect(options);
  const settings = batch.CreateBatchRequest.fromPartial({
    model: options.model,
    options: { beamSize: options.beam },
    key: options.key,
  });
  try {
    return await new Promise<batch.Batch>((resolve, reject) => {
      const call = client.uploadBatch((error, job) => {
        if (error) reject(new InputError(`${options.address}: ${error.details || error.message}`));
        else resolve(job);
      });
      const send = async () => {
        const format = batch.batchFormatFromJSON(`BATCH_FORMAT_${options.format.toUpperCase()}`);
        call.write(batch.UploadBatchRequest.fromPartial({ settings, format }));
        for await (const data of document) {
          const message = batch.UploadBatchRequest.fromPartial({ data: Buffer.from(data) });
          if (!call.write(message)) await new Promise((drained) => call.once("drain", drained));
        }
        call.end();
      };
      send().catch((error: NodeJS.ErrnoException) => {
        call.cancel();
        reject(new InputError(error.code === "ENOENT" ? `there is no such file: ${error.path}` : error.message));
      });
    });
  } finally {
    client.close();
  }
}

function status(): Command {
  return new Command("status")
    .description("one job, or all of them")
    .argument("[id]")
    .option("--json", "print JSON")
    .option(...ADDRESS)
    .action(async (id: string | undefined, options: Connection) => {
      const jobs = id
        ? [await call<batch.Batch>(options, (client, done) => client.getBatch({ id }, done))]
        : (
            await call<batch.ListBatchesResponse>(options, (client, done) =>
              client.listBatches(batch.ListBatchesRequest.fromPartial({ pageSize: 1000 }), done),
            )
          ).batches;
      if (options.json) return write(`${JSON.stringify(jobs.map(batch.Batch.toJSON), null, 2)}\n`);
      for (const job of jobs) await write(`${line(job)}\n`);
    });
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
      const client = connect(options);
      for await (const result of client.readResults({
        id,
        fromLine: options.from,
      }) as AsyncIterable<batch.BatchResult>) {
        if (!options.json && result.error) process.stderr.write(`line ${result.line + 1}: ${result.error}\n`);
        await write(options.json ? `${JSON.stringify(result)}\n` : `${result.text.replaceAll("\n", " ")}\n`);
      }
      client.close();
    });
}

function documentCommand(): Command {
  return new Command("document")
    .description("the translated document, in the format that it came in, when the job is done")
    .argument("<id>")
    .option(...ADDRESS)
    .action(async (id: string, options: Connection) => {
      const client = connect(options);
      for await (const { data } of client.readDocument({ id }) as AsyncIterable<batch.DocumentPiece>) {
        await write(Buffer.from(data));
      }
      client.close();
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
      await write(`${line(await call<batch.Batch>(options, (client, done) => make(client, id, done)))}\n`);
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
  const client = connect(options);
  for await (const job of client.watchBatch({ id }) as AsyncIterable<batch.Batch>) {
    process.stderr.write(process.stderr.isTTY ? `\r${line(job)} ` : `${line(job)}\n`);
  }
  if (process.stderr.isTTY) process.stderr.write("\n");
  client.close();
}

function line(job: batch.Batch): string {
  const state = batch.batchStateToJSON(job.state).replace("BATCH_STATE_", "").toLowerCase();
  const share = job.total > 0 ? job.completed / job.total : 1;
  const bar = "█".repeat(Math.floor(20 * share)).padEnd(20, "░");
  const pace = job.rate > 0 ? `  ${job.rate.toFixed(1)}/s  ${Math.ceil(job.secondsLeft)} s left` : "";
  return `${job.id}  ${state}  ${bar}  ${job.completed}/${job.total}, ${job.failed} failed${pace}  ${job.model}`;
}

function connect({ address }: Connection): batch.BatchServiceClient {
  return new batch.BatchServiceClient(address, credentials.createInsecure());
}

function call<T>(options: Connection, make: (client: batch.BatchServiceClient, done: Done<T>) => unknown): Promise<T> {
  return unaryCall(connect(options), options, make);
}
