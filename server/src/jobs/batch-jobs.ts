import { createHash, randomBytes } from "node:crypto";
import { CarouselError } from "../errors.js";
import type { SearchOptions } from "../queue/port.js";
import type { BlobStore } from "./blob-store.js";
import type { BatchFormat } from "./formats/index.js";
import { type Unit, type UnitResult, writtenUnit } from "./formats/unit.js";
import type { BatchJob, BatchState, JobSettings } from "./job.js";
import { CHUNK, JobFiles } from "./job-files.js";
import { JobRun, type TranslateUnits } from "./job-run.js";
import { Leases } from "./leases.js";

/** Other processes take a job up when nothing was heard of its own for so long. */
const LEASE_MS = 15_000;

export interface BatchLine extends UnitResult {
  /** The first is 0. */
  readonly line: number;
}

export interface NewBatch {
  readonly model: string;
  readonly options: SearchOptions;
  readonly format: BatchFormat;
  /** What is translated; it is read once, as it is stored. */
  readonly units: AsyncGenerator<Unit, string>;
  /** A client's name for this job: a second one of the same name is the first. */
  readonly key?: string | undefined;
}

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
 * process: `resume` goes on with the chunks that have no result. A chunk done twice gives the same file.
 */
export class BatchJobs {
  private readonly files: JobFiles;
  private readonly running = new Map<string, JobRun>();
  private readonly watchers = new Map<string, Set<() => void>>();
  private readonly creating = new Map<string, Promise<BatchJob>>();
  private readonly leases: Leases;
  private looking: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  /** @param options.leaseMs how long a job waits after its process was last heard of, before another takes it up */
  constructor(
    store: BlobStore,
    private readonly translate: TranslateUnits,
    private readonly options: { leaseMs: number } = { leaseMs: LEASE_MS },
  ) {
    this.files = new JobFiles(store);
    this.leases = new Leases(this.files, options.leaseMs);
  }

  /** @throws CarouselError INVALID_ARGUMENT when the document is not of its format; nothing is kept then */
  async create(job: NewBatch): Promise<BatchJob> {
    if (!job.key) return this.store(job);
    const key = createHash("sha256").update(job.key).digest("hex");
    const known = await this.files.idOf(key);
    if (known) return this.get(known);
    const made = this.creating.get(key) ?? this.store(job, key).finally(() => this.creating.delete(key));
    this.creating.set(key, made);
    return made;
  }

  private async store({ model, options, format, units }: NewBatch, key?: string): Promise<BatchJob> {
    const createdMs = Date.now();
    // ids sort by time of creation
    const id = `${createdMs.toString(36).padStart(9, "0")}-${randomBytes(5).toString("hex")}`;
    try {
      const read = await this.storeInput(id, units);
      // the job exists from here on: its input is whole
      const settings: JobSettings = { id, model, options, format, createdMs, ...read };
      if (read.total === 0) throw empty();
      await this.files.writeSettings(settings);
      if (key) await this.files.keep(key, id);
      await this.leases.take(id);
      this.run(settings);
    } catch (error) {
      await this.files.delete(id).catch(() => {});
      throw error;
    }
    return this.get(id);
  }

  private async storeInput(id: string, units: AsyncGenerator<Unit, string>) {
    let [total, characters, chunks] = [0, 0, 0];
    let chunk: Unit[] = [];
    const write = async () => {
      await this.files.writeInput(id, { chunk: chunks++, units: chunk });
      chunk = [];
    };
    for (;;) {
      const { value, done } = await units.next();
      if (done) {
        if (chunk.length > 0) await write();
        return { total, characters, chunks, tail: value };
      }
      chunk.push(value);
      total++;
      characters += (typeof value.source === "string" ? value.source : value.source.text).length;
      if (chunk.length === CHUNK) await write();
    }
  }

  /** @throws CarouselError NOT_FOUND */
  async get(id: string): Promise<BatchJob> {
    const settings = await this.files.settings(id);
    const { chunks: _, tail: __, format = "lines", characters = 0, ...job } = settings;
    const counts = await this.files.count(settings);
    const ended = await this.files.ended(id);
    const state = ended?.state ?? ((await this.files.isPaused(id)) ? "paused" : "running");
    const rate = this.running.get(id)?.rate;
    return {
      ...job,
      format,
      characters,
      ...counts,
      state,
      ...(ended ? { endedMs: ended.endedMs } : {}),
      ...(rate !== undefined && state === "running" ? { rate } : {}),
    };
  }

  /** Newest first. */
  async list({ size, token, states = [], model }: Page): Promise<{ jobs: BatchJob[]; nextToken: string }> {
    const jobs: BatchJob[] = [];
    for (const id of (await this.files.ids()).reverse()) {
      if (token !== "" && id >= token) continue;
      if (jobs.length === size) return { jobs, nextToken: jobs.at(-1)!.id };
      const job = await this.get(id).catch(() => undefined);
      if (!job || (states.length > 0 && !states.includes(job.state)) || (model && job.model !== model)) continue;
      jobs.push(job);
    }
    return { jobs, nextToken: "" };
  }

  /** Stops a job for good; one that has ended stays as it is. */
  async cancel(id: string): Promise<BatchJob> {
    await this.files.settings(id);
    await this.halt(id);
    if (!(await this.files.ended(id))) await this.files.end(id, "cancelled");
    this.changed(id);
    return this.get(id);
  }

  /** Stops a job until `unpause`, over restarts too. @throws CarouselError FAILED_PRECONDITION when it has ended */
  async pause(id: string): Promise<BatchJob> {
    await this.files.settings(id);
    if (await this.files.ended(id)) throw hasEnded(id, "paused");
    await this.files.pause(id);
    await this.halt(id);
    this.changed(id);
    return this.get(id);
  }

  /** Goes on with a job that is paused. @throws CarouselError FAILED_PRECONDITION when it has ended */
  async unpause(id: string): Promise<BatchJob> {
    const settings = await this.files.settings(id);
    if (await this.files.ended(id)) throw hasEnded(id, "resumed");
    await this.files.reopen(id);
    await this.leases.take(id);
    this.run(settings);
    return this.get(id);
  }

  /** Translates what failed once more. @throws CarouselError FAILED_PRECONDITION when it has not ended, or nothing failed */
  async retry(id: string): Promise<BatchJob> {
    const job = await this.get(id);
    if (job.state === "running" || job.state === "paused" || job.failed === 0) {
      const why = job.failed === 0 ? "has no failed segment" : `is ${job.state}`;
      throw new CarouselError("FAILED_PRECONDITION", `batch job ${id} ${why}: there is nothing to retry`);
    }
    await this.files.putFailuresAside(id);
    await this.files.reopen(id);
    await this.leases.take(id);
    this.run(await this.files.settings(id));
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    await this.files.settings(id);
    await this.halt(id);
    await this.files.delete(id);
    this.changed(id);
  }

  /** The job now and after every change, until it has ended. */
  async *watch(id: string, signal: AbortSignal): AsyncIterable<BatchJob> {
    for (;;) {
      let wake = () => {};
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const watchers = this.watchers.get(id) ?? new Set();
      this.watchers.set(id, watchers.add(wake));
      signal.addEventListener("abort", wake, { once: true });
      // another process may run the job: look from time to time
      const timer = setTimeout(wake, 2000);
      try {
        const job = await this.get(id);
        yield job;
        if (job.endedMs !== undefined || signal.aborted) return;
        await changed;
      } finally {
        clearTimeout(timer);
        watchers.delete(wake);
        signal.removeEventListener("abort", wake);
      }
    }
  }

  /** Results in the order of the input, up to the first chunk that has none yet. */
  async *results(id: string, fromLine = 0): AsyncIterable<BatchLine> {
    const { chunks } = await this.files.settings(id);
    for (let k = Math.floor(fromLine / CHUNK); k < chunks; k++) {
      const results = await this.files.results(id, k);
      if (!results) return;
      for (const [n, result] of results.entries()) {
        const line = k * CHUNK + n;
        if (line >= fromLine) yield { line, ...result };
      }
    }
  }

  /** The document with its translations, in pieces. @throws CarouselError FAILED_PRECONDITION while something is missing */
  async *document(id: string): AsyncIterable<string> {
    const { chunks, tail } = await this.files.settings(id);
    const { completed, total } = await this.get(id);
    if (completed < total) {
      throw new CarouselError(
        "FAILED_PRECONDITION",
        `batch job ${id} has ${completed} of ${total} segments: its document is not there yet`,
      );
    }
    for (let k = 0; k < chunks; k++) {
      const [units, results] = [await this.files.input(id, k), await this.files.results(id, k)];
      yield units.map((unit, n) => writtenUnit(unit, results![n]!)).join("");
    }
    yield tail;
  }

  /**
   * Takes up every job that is open and that nobody works on, now and from time to time; and stops working on those that
   * were paused, cancelled or taken up elsewhere.
   */
  async resume(): Promise<void> {
    const look = () => {
      // a store that cannot be reached is asked again the next time
      this.looking = this.looking.then(() => this.look()).catch(() => {});
      return this.looking;
    };
    this.timer = setInterval(look, this.options.leaseMs / 3);
    this.timer.unref();
    await look();
  }

  private async look(): Promise<void> {
    for (const [id, run] of this.running) {
      const isMine = (await this.files.isOpen(id)) && (await this.leases.renew(id));
      if (!isMine) await run.stop();
    }
    for (const id of await this.files.ids()) {
      if (this.running.has(id) || !(await this.files.isOpen(id))) continue;
      const settings = await this.files.settings(id).catch(() => undefined); // its input is still on its way
      if (settings && (await this.leases.take(id))) this.run(settings);
    }
  }

  /** Stops working; jobs that have not ended are taken up by the next process, or by others at once. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    await Promise.all([...this.running.keys()].map((id) => this.halt(id)));
  }

  private run(settings: JobSettings): void {
    const { id } = settings;
    if (this.running.has(id)) return;
    const run = new JobRun(settings, {
      files: this.files,
      translate: this.translate,
      onChange: () => this.changed(id),
    });
    this.running.set(id, run);
    void run.done.finally(() => this.running.delete(id));
  }

  private async halt(id: string): Promise<void> {
    const run = this.running.get(id);
    if (!run) return;
    await run.stop();
    await this.leases.drop(id);
  }

  private changed(id: string): void {
    for (const wake of this.watchers.get(id) ?? []) wake();
  }
}

function hasEnded(id: string, what: string): CarouselError {
  return new CarouselError("FAILED_PRECONDITION", `batch job ${id} has ended: it cannot be ${what}`);
}

function empty(): CarouselError {
  const description = "holds nothing to translate";
  return new CarouselError("INVALID_ARGUMENT", `the document ${description}`, {
    violations: [{ field: "document", description }],
  });
}
