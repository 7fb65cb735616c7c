import { setTimeout as sleep } from "node:timers/promises";
import { batch, translation } from "@carousel/protos";
import { type ClientUnaryCall, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ask, type Client } from "./client.js";
import { type Pair, type Served, TINY } from "./corpus.js";
import type { History } from "./history.js";
import type { Random } from "./random.js";

const POLL_MS = 300;
const STREAM_TEXTS = 20;
/** A job that has not ended so long after the last fault counts as lost. */
const JOB_MS = 180_000;
/** A job is followed by the next after so many pauses of a caller. */
const JOB_PAUSES = 10;
/** Callers that give up do so within this time. */
const PATIENCE_MS = 30;

export interface LoadOptions {
  /** Callers that each send one text, wait for its answer, and send the next. Default 8. */
  readonly callers?: number;
  /** Callers that send texts through a stream. A stream cannot be tried again. Default 0. */
  readonly streams?: number;
  /** Batch jobs at once. Default 1. */
  readonly jobs?: number;
  /** Lines of a job. Default 256. */
  readonly lines?: number;
  /** Whether jobs that were read are deleted, or stay. Default: nothing is kept. */
  readonly keep?: "jobs" | "nothing";
  /** Callers that cancel their calls after a few milliseconds. Default 0. */
  readonly fickle?: number;
  /** Of a call, milliseconds. Default: a minute. */
  readonly deadlineMs?: number;
  /** Between an answer and the next question of a caller, milliseconds. Default 100. */
  readonly pauseMs?: number;
}

export interface LoadMeans {
  readonly client: Client;
  readonly corpus: readonly Pair[];
  readonly history: History;
  readonly random: Random;
  /** What is asked for; the tiny model when absent. */
  readonly served?: Served;
}

const DEFAULTS: Required<LoadOptions> = {
  callers: 8,
  streams: 0,
  jobs: 1,
  lines: 256,
  keep: "nothing",
  fickle: 0,
  deadlineMs: 60_000,
  pauseMs: 100,
};

/** Requests of all kinds, from the start until they are told to stop; what happens to them goes into the history. */
export class Load {
  private stoppedAt = Number.POSITIVE_INFINITY;
  private readonly everyone: Promise<void>[];
  private readonly options: Required<LoadOptions>;
  private readonly settings: Pick<Served, "model" | "options">;

  constructor(
    private readonly means: LoadMeans,
    options: LoadOptions = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
    const { model, options: search } = means.served ?? TINY;
    this.settings = { model, options: search };
    const { callers, streams, jobs, fickle, pauseMs } = this.options;
    this.everyone = [
      ...Array.from({ length: callers }, () => this.untilStopped(() => this.call(), pauseMs)),
      ...Array.from({ length: fickle }, () => this.untilStopped(() => this.abandonedCall(), pauseMs)),
      ...Array.from({ length: streams }, () => this.untilStopped(() => this.stream(), pauseMs)),
      ...Array.from({ length: jobs }, () => this.untilStopped(() => this.job(), JOB_PAUSES * pauseMs)),
    ];
  }

  /** Sends nothing new; resolves when all that was sent has ended. */
  async stop(): Promise<void> {
    this.stoppedAt = Date.now();
    await Promise.all(this.everyone);
  }

  private async untilStopped(once: () => Promise<void>, pauseMs: number): Promise<void> {
    while (this.stoppedAt === Number.POSITIVE_INFINITY) {
      await once().catch((error: Error) => this.means.history.odd(error.message));
      await sleep(pauseMs);
    }
  }

  private async call(): Promise<void> {
    const request = this.means.history.ask("call", this.any());
    await this.translated(request.pair).then(
      (answer) => this.means.history.answered(request, textOf(answer.translations[0])),
      (error) => this.means.history.refused(request, error),
    );
  }

  /** By the retry policy, and once more where the answer had begun when it broke off. */
  private async translated(pair: Pair): Promise<translation.TranslateResponse> {
    let begun = false;
    const attempt = () =>
      ask<translation.TranslateResponse>((done) => {
        this.translate(pair, done).once("metadata", () => {
          begun = true;
        });
      });
    return attempt().catch((error: ServiceError) => {
      if (!begun || error.code !== status.UNAVAILABLE) throw error;
      this.means.history.sentAgain();
      return attempt();
    });
  }

  /** Answered or cancelled. */
  private async abandonedCall(): Promise<void> {
    const { history, random } = this.means;
    const request = history.ask("abandoned call", this.any(), ["CANCELLED"]);
    const answer = ask<translation.TranslateResponse>((done) => {
      const call = this.translate(request.pair, done);
      setTimeout(() => call.cancel(), random.below(PATIENCE_MS));
    });
    await answer.then(
      (answer) => history.answered(request, textOf(answer.translations[0])),
      (error) => history.refused(request, error),
    );
  }

  private translate(
    { source }: Pair,
    done: (error: ServiceError | null, answer: translation.TranslateResponse) => void,
  ): ClientUnaryCall {
    const message = translation.TranslateRequest.fromPartial({ ...this.settings, texts: [source] });
    return this.means.client.translation.translate(message, new Metadata(), { deadline: this.deadline() }, done);
  }

  private async stream(): Promise<void> {
    const { history, client } = this.means;
    const requests = Array.from({ length: STREAM_TEXTS }, () => history.ask("stream", this.any()));
    const stream = client.translation.translateStream(new Metadata(), { deadline: this.deadline() });
    let answered = 0;
    const ended = new Promise<void>((resolve) => {
      stream.on("data", (answer: translation.TranslateStreamResponse) => {
        const request = requests[answered++];
        if (request) history.answered(request, textOf(answer.translation));
        else history.odd("a stream answered more often than it was asked");
      });
      stream.on("end", resolve);
      stream.on("error", (error: ServiceError) => {
        for (const request of requests.slice(answered)) history.refused(request, error);
        resolve();
      });
    });
    for (const [k, { pair }] of requests.entries()) {
      const settings = k === 0 ? { settings: this.settings } : {};
      stream.write(translation.TranslateStreamRequest.fromPartial({ ...settings, text: pair.source }));
    }
    stream.end();
    await ended;
  }

  private async job(): Promise<void> {
    const { client, history } = this.means;
    const pairs = Array.from({ length: this.options.lines }, () => this.any());
    const texts = pairs.map(({ source }) => source);
    const message = batch.CreateBatchRequest.fromPartial({ ...this.settings, texts });
    const job = await ask<batch.Batch>((done) => client.batch.createBatch(message, done)).catch(unlessUnavailable);
    if (!job) return void (await sleep(POLL_MS)); // not accepted: nothing is owed
    const accepted = history.job(pairs);
    const retried = async (attempt: () => Promise<boolean>) => {
      while (Date.now() < this.stoppedAt + JOB_MS && !(await attempt())) await sleep(POLL_MS);
    };
    await retried(() => this.hasEnded(job.id));
    await retried(async () => {
      if (await this.read(job.id, accepted.read)) accepted.state = "done";
      return accepted.state === "done";
    });
    if (this.options.keep === "nothing") await retried(() => this.delete(job.id));
  }

  private async hasEnded(id: string): Promise<boolean> {
    const job = await ask<batch.Batch>((done) => this.means.client.batch.getBatch({ id }, done)).catch(
      unlessUnavailable,
    );
    return job !== undefined && job.state !== batch.BatchState.BATCH_STATE_RUNNING;
  }

  /** Reads on behind what has been read; false when the gateway went away meanwhile. */
  private async read(id: string, lines: { line: number; text: string; error: string }[]): Promise<boolean> {
    const stream = this.means.client.batch.readResults({ id, fromLine: lines.length });
    const ended = new Promise<true>((resolve, reject) => {
      stream.on("data", (result: batch.BatchResult) => void lines.push(result));
      stream.on("end", () => resolve(true));
      stream.on("error", reject);
    });
    return (await ended.catch(unlessUnavailable)) ?? false;
  }

  private async delete(id: string): Promise<boolean> {
    return ask((done) => this.means.client.batch.deleteBatch({ id }, done)).then(
      () => true,
      // a try whose answer was lost may have deleted it
      (error: ServiceError) => error.code === status.NOT_FOUND || unlessUnavailable(error) !== undefined,
    );
  }

  private any(): Pair {
    return this.means.random.of(this.means.corpus);
  }

  private deadline(): number {
    return Date.now() + this.options.deadlineMs;
  }
}

function textOf(answer: translation.Translation | undefined): string {
  return answer?.hypotheses[0]?.text ?? "";
}

/** To be asked again; anything else is an error of the product. */
function unlessUnavailable(error: ServiceError): undefined {
  if (error.code !== status.UNAVAILABLE) throw error;
}
