import { batch } from "@carousel/protos";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { Command } from "commander";
import { InputError, readLines, readStandardInput, write } from "../lines.js";
import { integer } from "../options.js";

const ADDRESS = ["--address <host:port>", "the gateway", "localhost:50051"] as const;

interface Connection {
  readonly address: string;
  readonly json?: true;
}

/** Asynchronous jobs on a server that runs. */
export function batchCommand(): Command {
  return new Command("batch")
    .description("submit, list, watch and cancel batch jobs on a server, and read their results")
    .addCommand(submit())
    .addCommand(status())
    .addCommand(watch())
    .addCommand(results())
    .addCommand(cancel());
}

function submit(): Command {
  return new Command("submit")
    .description("make a job of a file, or of standard input; prints its id")
    .argument("[file]", "sentences, one a line")
    .requiredOption("--model <name>", "the model, as the server names it")
    .option("--beam <n>", "beam size", integer(1, 16), 5)
    .option("--watch", "show progress until it has ended")
    .option(...ADDRESS)
    .addHelpText("after", "\nExample:\n  carousel batch submit --model tatoeba-ja-en --watch input.ja")
    .action(async (file: string | undefined, options: Connection & { model: string; beam: number; watch?: true }) => {
      const texts = file ? await readLines(file) : await readStandardInput();
      if (texts.length === 0) throw new InputError("there is no line to translate");
      const job = await call<batch.Batch>(options, (client, done) =>
        client.createBatch(
          batch.CreateBatchRequest.fromPartial({ model: options.model, texts, options: { beamSize: options.beam } }),
          done,
        ),
      );
      await write(`${job.id}\n`);
      if (options.watch) await follow(options, job.id);
    });
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
              client.listBatches({ pageSize: 1000, pageToken: "" }, done),
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

function cancel(): Command {
  return new Command("cancel")
    .description("stop a job; its results stay readable")
    .argument("<id>")
    .option(...ADDRESS)
    .action(async (id: string, options: Connection) => {
      await write(`${line(await call<batch.Batch>(options, (client, done) => client.cancelBatch({ id }, done)))}\n`);
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
  const share = job.total > 0 ? Math.floor((100 * job.completed) / job.total) : 100;
  return `${job.id}  ${state}  ${job.completed}/${job.total} lines (${share} %), ${job.failed} failed  ${job.model}`;
}

function connect({ address }: Connection): batch.BatchServiceClient {
  return new batch.BatchServiceClient(address, credentials.createInsecure());
}

function call<T>(
  options: Connection,
  make: (client: batch.BatchServiceClient, done: (error: ServiceError | null, response: T) => void) => unknown,
): Promise<T> {
  const client = connect(options);
  return new Promise<T>((resolve, reject) => {
    make(client, (error, response) => {
      client.close();
      if (error) reject(new InputError(`${options.address}: ${error.details || error.message}`));
      else resolve(response);
    });
  });
}
