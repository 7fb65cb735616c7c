import { CarouselError, invalid } from "../errors.js";
import type { BlobStore } from "./blob-store.js";
import { Changes } from "./changes.js";
import { DocumentPlaces } from "./document-places.js";
import type { DocumentForm } from "./formats/unit.js";
import { Intake, type NewBatch } from "./intake.js";
import { type BatchJob, type BatchState, isJob, type JobSettings, type JobState, type Progress } from "./job.js";
import { JobFiles } from "./job-files.js";
import { type BatchLine, JobResults } from "./job-results.js";
import { countsOf, type TranslateUnits } from "./job-run.js";
import { Leases } from "./leases.js";
import { Runs } from "./runs.js";
import { Upkeep } from "./upkeep.js";
import { Deliveries } from "./webhooks/deliveries.js";
import { Networks } from "./webhooks/networks.js";
import { checkWebhook, type Webhook } from "./webhooks/webhook.js";

export interface BatchOptions {
  /** Other processes take a job up when nothing was heard of its own for so long, milliseconds. */
  readonly leaseMs: number;
  /** Milliseconds for which jobs are kept after their end; 0: for ever. */
  readonly retainMs: number;
  /** How often is looked for what has been kept long enough, milliseconds. */
  readonly sweepMs: number;
  /** What webhooks may call. */
  readonly networks: Networks;
  /** Where documents may be read from and written to. */
  readonly documents: DocumentPlaces;
  /** Something of a job has failed and is tried again. */
  readonly onTrouble: (id: string, problem: string) => void;
}

const DEFAULTS: BatchOptions = {
  leaseMs: 15_000,
  retainMs: 0,
  sweepMs: 10 * 60_000,
  networks: new Networks(),
  documents: new DocumentPlaces(),
  onTrouble: () => {},
};

export interface Page {
  readonly size: number;
  /** From the page before; empty for the first. */
  readonly token: string;
  /** Only these, where they are given. */
  readonly states?: readonly BatchState[];
  readonly model?: string | undefined;
}

/**
 * Asynchronous jobs over many units of text. The truth of a job is in the blob store (see JobFiles), so a job outlives every
 * process: whoever takes it up goes on with the chunks that have no result. A chunk done twice gives the same file.
 */
export class BatchJobs {
  private readonly files: JobFiles;
  private readonly outcome: JobResults;
  private readonly leases: Leases;
  private readonly runs: Runs;
  private readonly intake: Intake;
  private readonly upkeep: Upkeep;
  private readonly deliveries: Deliveries;
  private readonly options: BatchOptions;
  private readonly concluding = new Set<Promise<void>>();
  private readonly changes = new Changes();

  constructor(store: BlobStore, translate: TranslateUnits, options: Partial<BatchOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
    const { leaseMs, sweepMs, networks, onTrouble } = this.options;
    const files = new JobFiles(store);
    this.outcome = new JobResults(files);
    const leases = new Leases(files, leaseMs);
    const conclude = (id: string) => {
      const concluded = this.upkeep
        .conclude(id)
        .catch((error) => onTrouble(id, error.message))
        .finally(() => this.concluding.delete(concluded));
      this.concluding.add(concluded);
    };
    const runs = new Runs({
      files,
      leases,
      translate,
      publish: (job) => this.publish(job),
      onChange: (id) => this.changes.tell(id),
      onStop: (id) => {
        this.changes.tell(id);
        conclude(id);
      },
      onTrouble,
    });
    const get = (id: string) => this.get(id);
    this.deliveries = new Deliveries({ files, leases, networks, get, onAttempt: conclude, onTrouble });
    this.intake = new Intake(files, leases);
    this.upkeep = new Upkeep({
      files,
      leases,
      runs,
      leaseMs,
      sweepMs,
      onTrouble,
      expiry: (settings, state) => this.expiry(settings, state),
      remove: (id) => this.delete(id),
      conclude: (settings, state) => this.deliveries.attend(settings, state),
    });
    [this.files, this.leases, this.runs] = [files, leases, runs];
  }

  /** @throws CarouselError INVALID_ARGUMENT when the document is not of its format; nothing is kept then */
  async create(batch: NewBatch): Promise<BatchJob> {
    const { settings, isNew } = await this.intake.take(batch);
    if (isNew) this.runs.start(settings, { state: "running", attempt: 0 });
    return this.get(settings.id);
  }

  /** @throws CarouselError INVALID_ARGUMENT naming what is not allowed */
  checkWebhook(webhook: Webhook): Webhook {
    return checkWebhook(webhook, this.options.networks);
  }

  /** @throws CarouselError INVALID_ARGUMENT where documents may not be written to */
  checkOutput(uri: string): string {
    return this.options.documents.check(uri, "output_uri");
  }

  /** @throws CarouselError INVALID_ARGUMENT where documents may not be read from, or there is none */
  readInput(uri: string): Promise<AsyncIterable<Uint8Array>> {
    return this.options.documents.read(uri);
  }

  /** @throws CarouselError NOT_FOUND */
  async get(id: string): Promise<BatchJob> {
    const settings = await this.files.settings(id);
    const state = await this.stateOf(id);
    const { tail: _, key: __, retainMs: ___, share: ____, webhook, ...job } = settings;
    const delivery = webhook && state.endedMs !== undefined ? await this.files.delivery(id) : undefined;
    const expiresMs = this.expiry(settings, state);
    return {
      ...job,
      ...(await this.progress(settings, state)),
      state: state.state,
      ...(state.endedMs === undefined ? {} : { endedMs: state.endedMs }),
      ...(expiresMs === undefined ? {} : { expiresMs }),
      ...(webhook ? { webhook: { url: webhook.url, ...delivery } } : {}),
    };
  }

  private async progress(settings: JobSettings, { state, attempt }: JobState): Promise<Progress> {
    const { id } = settings;
    const own = this.runs.get(id)?.progress;
    if (own && state === "running") return own;
    const counts = countsOf(await this.files.sizes(id), await this.files.finished(id), attempt);
    if (state !== "running") return counts;
    const { owner: _, untilMs: __, ...pace } = (await this.files.lease(id)) ?? { owner: "", untilMs: 0 };
    const { rate, secondsLeft, problem } = pace;
    return {
      ...counts,
      ...(rate === undefined ? {} : { rate }),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** Newest first. @throws CarouselError INVALID_ARGUMENT when the token is of no page */
  async list({ size, token, states = [], model }: Page): Promise<{ jobs: BatchJob[]; nextToken: string }> {
    if (token !== "" && !isJob(token)) invalid("page_token", "is of no page: it must be an answer's, or empty");
    const jobs: BatchJob[] = [];
    for (const id of (await this.files.ids()).reverse()) {
      if (token !== "" && id >= token) continue;
      if (jobs.length === size) return { jobs, nextToken: jobs.at(-1)!.id };
      const job = await this.get(id).catch(unlessGone);
      if (!job || (states.length > 0 && !states.includes(job.state)) || (model && job.model !== model)) continue;
      jobs.push(job);
    }
    return { jobs, nextToken: "" };
  }

  /** Stops a job for good; one that has ended stays as it is. */
  async cancel(id: string): Promise<BatchJob> {
    const { state } = await this.known(id);
    if (state.endedMs === undefined) {
      await this.files.writeState(id, { ...state, state: "cancelled", endedMs: Date.now() });
      await this.runs.stop(id);
      await this.upkeep.conclude(id);
    }
    this.changes.tell(id);
    return this.get(id);
  }

  /** Stops a job until `unpause`, over restarts too. @throws CarouselError FAILED_PRECONDITION when it has ended */
  async pause(id: string): Promise<BatchJob> {
    const { state } = await this.known(id);
    if (state.endedMs !== undefined) throw hasEnded(id, "paused");
    await this.files.writeState(id, { ...state, state: "paused" });
    await this.runs.stop(id);
    this.changes.tell(id);
    return this.get(id);
  }

  /** Goes on with a job that is paused. @throws CarouselError FAILED_PRECONDITION when it has ended */
  async unpause(id: string): Promise<BatchJob> {
    const { settings, state } = await this.known(id);
    if (state.endedMs !== undefined) throw hasEnded(id, "resumed");
    await this.reopen(settings, { ...state, state: "running" });
    return this.get(id);
  }

  /** Translates what failed once more. @throws CarouselError FAILED_PRECONDITION when it is not done, or nothing failed */
  async retry(id: string): Promise<BatchJob> {
    const { settings, state } = await this.known(id);
    const { failed } = await this.progress(settings, state);
    if (state.state !== "done" || failed === 0) {
      const why = state.state === "done" ? "has no failed segment" : `is ${state.state}`;
      throw new CarouselError("FAILED_PRECONDITION", `batch job ${id} ${why}: there is nothing to retry`);
    }
    await this.deliveries.stop(id);
    await this.reopen(settings, { state: "running", attempt: state.attempt + 1 });
    return this.get(id);
  }

  /** Resolves when the job and all that it holds are gone. */
  async delete(id: string): Promise<void> {
    const { settings, state } = await this.known(id);
    if (state.endedMs === undefined) {
      await this.files.writeState(id, { ...state, state: "cancelled", endedMs: Date.now() });
    }
    await Promise.all([this.runs.stop(id), this.deliveries.stop(id)]);
    await this.leases.free(id); // what another process has on its way would be written behind the removal
    await this.files.delete(settings);
    this.changes.tell(id);
  }

  /** The job now and after every change, until it has ended. */
  async *watch(id: string, signal: AbortSignal): AsyncIterable<BatchJob> {
    for (;;) {
      const changed = this.changes.next(id, signal);
      try {
        const job = await this.get(id);
        yield job;
        if (job.endedMs !== undefined || signal.aborted) return;
        await Promise.all([changed.heard, changed.shortest]);
      } finally {
        changed.end();
      }
      if (signal.aborted) return;
    }
  }

  /** Results in the order of the input, up to the first chunk that has none yet. */
  results(id: string, fromLine = 0): AsyncIterable<BatchLine> {
    return this.outcome.lines(id, fromLine);
  }

  /** The document with its translations, in pieces. @throws CarouselError FAILED_PRECONDITION while something is missing */
  document(id: string, form: DocumentForm = "same"): AsyncIterable<string> {
    return this.outcome.document(id, form);
  }

  private async publish({ id, output }: JobSettings): Promise<void> {
    if (!output) return;
    const document = this.document(id, output.form);
    const bytes = async function* () {
      for await (const piece of document) yield Buffer.from(piece);
    };
    await this.options.documents.write(output.uri, bytes());
  }

  /**
   * Takes up every job that is open and that nobody works on, now and from time to time; stops working on those that were
   * paused, cancelled or taken up elsewhere; removes what has been kept long enough.
   */
  resume(): Promise<void> {
    return this.upkeep.start();
  }

  /** Stops working; jobs that have not ended are taken up by others at once, or by the next process. */
  async close(): Promise<void> {
    await this.upkeep.stop();
    await Promise.all([this.deliveries.close(), ...this.runs.all.map(([id]) => this.runs.stop(id))]);
    await Promise.all(this.concluding);
  }

  private async known(id: string): Promise<{ settings: JobSettings; state: JobState }> {
    return { settings: await this.files.settings(id), state: await this.stateOf(id) };
  }

  private async stateOf(id: string): Promise<JobState> {
    return (await this.files.state(id)) ?? { state: "running", attempt: 0 };
  }

  private async reopen(settings: JobSettings, state: JobState): Promise<void> {
    const { id } = settings;
    await this.files.writeState(id, state);
    await this.files.open(id);
    await this.upkeep.attend(id);
  }

  private expiry({ retainMs = this.options.retainMs }: JobSettings, { endedMs }: JobState): number | undefined {
    return endedMs === undefined || retainMs === 0 ? undefined : endedMs + retainMs;
  }
}

/** Removed since it was listed. */
function unlessGone(error: unknown): undefined {
  if (error instanceof CarouselError && error.code === "NOT_FOUND") return undefined;
  throw error;
}

function hasEnded(id: string, what: string): CarouselError {
  return new CarouselError("FAILED_PRECONDITION", `batch job ${id} has ended: it cannot be ${what}`);
}
