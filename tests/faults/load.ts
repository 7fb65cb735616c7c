import { setTimeout as sleep } from "node:timers/promises";
import { batch, translation } from "@carousel/protos";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ask, type Client } from "./client.js";
import { MODEL, OPTIONS, type Pair } from "./corpus.js";
import type { History } from "./history.js";

const POLL_MS = 300;
const STREAM_TEXTS = 20;

export interface LoadOptions {
  /** Callers that each send one text, wait for its answer, and send the next. Default 16. */
  readonly callers?: number;
  /** Callers that send texts through a stream. A stream cannot be tried again. Default 0. */
  readonly streams?: number;
  /** Batch jobs at once. Default 1. */
  readonly jobs?: number;
  /** Lines of a job. Default 400. */
  readonly lines?: number;
  /** Of a call, milliseconds. Default: a minute. */
  readonly deadlineMs?: number;
  /** Between an answer and the next question of a caller, milliseconds. Default 20. */
  readonly pauseMs?: number;
}

/** Requests of all kinds, from the start until they are told to stop; what happens to them goes into the history. */
export class Load {
  private stopped = false;
  private readonly everyone: Promise<void>[];
  private readonly options: Required<LoadOptions>;

  constructor(
    private readonly client: Client,
    private readonly corpus: readonly Pair[],
    private readonly history: History,
    options: LoadOptions = {},
  ) {
    this.options = { callers: 16, streams: 0, jobs: 1, lines: 400, deadlineMs: 60_000, pauseMs: 20, ...options };
    const { callers, streams, jobs } = this.options;
    this.everyone = [
      ...Array.from({ length: callers }, () => this.untilStopped(() => this.call())),
      ...Array.from({ length: streams }, () => this.untilStopped(() => this.stream())),
      ...Array.from({ length: jobs }, () => this.untilStopped(() => this.job())),
    ];
  }

  /** Sends nothing new; resolves when all that was sent has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.everyone);
  }

  private async untilStopped(once: () => Promise<void>): Promise<void> {
    while (!this.stopped) {
      await once();
      await sleep(this.options.pauseMs);
    }
  }

  private async call(): Promise<void> {
    const request = this.history.ask("call", this.any());
    const message = translation.TranslateRequest.fromPartial({ ...SETTINGS, texts: [request.pair.source] });
    await ask<translation.TranslateResponse>((done) =>
      this.client.translation.translate(message, new Metadata(), { deadline: this.deadline() }, done),
    ).then(
      (answer) => this.history.answered(request, textOf(answer.translations[0])),
      (error) => this.history.refused(request, error),
    );
  }

  private async stream(): Promise<void> {
    const { history } = this;
    const requests = Array.from({ length: STREAM_TEXTS }, () => history.ask("stream", this.any()));
    const stream = this.client.translation.translateStream(new Metadata(), { deadline: this.deadline() });
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
      const settings = k === 0 ? { settings: SETTINGS } : {};
      stream.write(translation.TranslateStreamRequest.fromPartial({ ...settings, text: pair.source }));
    }
    stream.end();
    await ended;
  }

  private async job(): Promise<void> {
    const pairs = Array.from({ length: this.options.lines }, () => this.any());
    const texts = pairs.map(({ source }) => source);
    const message = batch.CreateBatchRequest.fromPartial({ ...SETTINGS, texts });
    const job = await ask<batch.Batch>((done) => this.client.batch.createBatch(message, done)).catch(() => undefined);
    if (!job) return void (await sleep(POLL_MS)); // not accepted: nothing is owed
    const accepted = this.history.job(pairs);
    while (!(await this.hasEnded(job.id))) await sleep(POLL_MS);
    while (!(await this.read(job.id, accepted.read))) await sleep(POLL_MS);
    accepted.state = "done";
  }

  private async hasEnded(id: string): Promise<boolean> {
    const job = ask<batch.Batch>((done) => this.client.batch.getBatch({ id }, done));
    return job.then(({ state }) => state !== batch.BatchState.BATCH_STATE_RUNNING, unavailable);
  }

  /** Reads on behind what has been read; false when the gateway went away meanwhile. */
  private read(id: string, lines: { line: number; text: string; error: string }[]): Promise<boolean> {
    const stream = this.client.batch.readResults({ id, fromLine: lines.length });
    return new Promise<boolean>((resolve, reject) => {
      stream.on("data", (result: batch.BatchResult) => void lines.push(result));
      stream.on("end", () => resolve(true));
      stream.on("error", reject);
    }).catch(unavailable);
  }

  private any(): Pair {
    return this.corpus[Math.floor(Math.random() * this.corpus.length)]!;
  }

  private deadline(): number {
    return Date.now() + this.options.deadlineMs;
  }
}

const SETTINGS = { model: MODEL, options: OPTIONS };

function textOf(answer: translation.Translation | undefined): string {
  return answer?.hypotheses[0]?.text ?? "";
}

/** To be asked again; anything else is an error of the product. */
function unavailable(error: ServiceError): false {
  if (error.code === status.UNAVAILABLE) return false;
  throw error;
}
