import { randomBytes } from "node:crypto";
import { CarouselError } from "../errors.js";
import type { SearchOptions } from "../queue/port.js";
import type { BlobStore } from "./blob-store.js";

/** Lines that are translated, stored and counted together. */
const CHUNK = 64;
/** Chunks of one job on their way at once. */
const IN_FLIGHT = 4;
const RETRY_MS = 1000;

export interface BatchJob {
  readonly id: string;
  readonly state: "running" | "done" | "cancelled";
  readonly model: string;
  readonly options: SearchOptions;
  /** Lines. */
  readonly total: number;
  readonly completed: number;
  /** Lines that ended in an error, among the completed. */
  readonly failed: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly endedMs?: number;
}

export interface BatchLine {
  /** The first is 0. */
  readonly line: number;
  readonly text?: string;
  readonly error?: string;
}

export interface LineResult {
  readonly text?: string;
  readonly error?: string;
}

/** Translates lines, each to a text or an error; throws UNAVAILABLE or RESOURCE_EXHAUSTED when it is worth another try. */
export type TranslateLines = (
  lines: readonly string[],
  settings: { model: string; options: SearchOptions; signal: AbortSignal },
) => Promise<LineResult[]>;

type Stored = Pick<BatchJob, "id" | "model" | "options" | "total" | "createdMs"> & { readonly chunks: number };
type Ended = { readonly state: "done" | "cancelled"; readonly endedMs: number };

/**
 * Asynchronous jobs over many lines. The truth of a job is in the blob store: `job.json`, its input in chunks, a result
 * for each chunk that is done, and `ended.json`. So a job outlives every process: `resume` goes on with the chunks that
 * have no result. A chunk done twice gives the same file.
 */
export class BatchJobs {
  private readonly running = new Map<string, { controller: AbortController; done: Promise<void> }>();
  private readonly watchers = new Map<string, Set<() => void>>();

  constructor(
    private readonly store: BlobStore,
    private readonly translate: TranslateLines,
  ) {}

  async create(job: { model: string; options: SearchOptions; lines: readonly string[] }): Promise<BatchJob> {
    const { model, options, lines } = job;
    const createdMs = Date.now();
    // ids sort by time of creation
    const id = `${createdMs.toString(36).padStart(9, "0")}-${randomBytes(5).toString("hex")}`;
    const chunks = Math.ceil(lines.length / CHUNK);
    for (let k = 0; k < chunks; k++) await this.write(inputKey(id, k), lines.slice(k * CHUNK, (k + 1) * CHUNK));
    // the job exists from here on: its input is whole
    const stored: Stored = { id, model, options, total: lines.length, createdMs, chunks };
    await this.write(`${id}/job.json`, stored);
    this.run(stored);
    return this.get(id);
  }

  /** @throws CarouselError NOT_FOUND */
  async get(id: string): Promise<BatchJob> {
    const { chunks, ...stored } = await this.stored(id);
    const ended = await this.read<Ended>(`${id}/ended.json`);
    const counts = await this.count(id, chunks);
    return { ...stored, ...counts, state: ended?.state ?? "running", ...(ended ? { endedMs: ended.endedMs } : {}) };
  }

  /** Newest first. */
  async list(page: { size: number; token: string }): Promise<{ jobs: BatchJob[]; nextToken: string }> {
    const ids = (await this.store.list("")).reverse().filter((id) => page.token === "" || id < page.token);
    const shown = ids.slice(0, page.size);
    const jobs = await Promise.all(shown.map((id) => this.get(id).catch(() => undefined)));
    const nextToken = ids.length > shown.length ? shown.at(-1)! : "";
    return { jobs: jobs.filter((j) => j !== undefined), nextToken };
  }

  async cancel(id: string): Promise<BatchJob> {
    await this.stored(id);
    await this.halt(id);
    if (!(await this.store.has(`${id}/ended.json`))) await this.end(id, "cancelled");
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    await this.stored(id);
    await this.halt(id);
    await this.store.deleteAll(id);
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
        if (job.state !== "running" || signal.aborted) return;
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
    const { chunks } = await this.stored(id);
    for (let k = Math.floor(fromLine / CHUNK); k < chunks; k++) {
      const results = await this.read<LineResult[]>(resultKey(id, k));
      if (!results) return;
      for (const [n, result] of results.entries()) {
        const line = k * CHUNK + n;
        if (line >= fromLine) yield { line, ...result };
      }
    }
  }

  /** Goes on with every job that has not ended. */
  async resume(): Promise<void> {
    for (const id of await this.store.list("")) {
      const stored = await this.read<Stored>(`${id}/job.json`);
      if (stored && !(await this.store.has(`${id}/ended.json`))) this.run(stored);
    }
  }

  /** Stops working; jobs that have not ended are resumed by the next process. */
  async close(): Promise<void> {
    await Promise.all([...this.running.keys()].map((id) => this.halt(id)));
  }

  private run(job: Stored): void {
    if (this.running.has(job.id)) return;
    const controller = new AbortController();
    const done = this.work(job, controller.signal).finally(() => this.running.delete(job.id));
    this.running.set(job.id, { controller, done });
  }

  private async work(job: Stored, signal: AbortSignal): Promise<void> {
    let next = 0;
    const lane = async () => {
      for (let k = next++; k < job.chunks && !signal.aborted; k = next++) await this.chunk(job, k, signal);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    if (!signal.aborted) await this.end(job.id, "done");
  }

  /** Translates one chunk, however often it takes: only the input can be at fault for a line's error. */
  private async chunk(job: Stored, k: number, signal: AbortSignal): Promise<void> {
    if (await this.store.has(resultKey(job.id, k))) return;
    while (!signal.aborted) {
      try {
        const lines = await this.read<string[]>(inputKey(job.id, k));
        if (!lines) throw new CarouselError("NOT_FOUND", `the input of chunk ${k} is missing`);
        const results = await this.translate(lines, { model: job.model, options: job.options, signal });
        if (signal.aborted) return;
        await this.write(resultKey(job.id, k), results);
        this.changed(job.id);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private async end(id: string, state: Ended["state"]): Promise<void> {
    await this.write(`${id}/ended.json`, { state, endedMs: Date.now() } satisfies Ended);
    this.changed(id);
  }

  private async halt(id: string): Promise<void> {
    const run = this.running.get(id);
    run?.controller.abort();
    await run?.done;
  }

  private changed(id: string): void {
    for (const wake of this.watchers.get(id) ?? []) wake();
  }

  private async count(id: string, chunks: number): Promise<{ completed: number; failed: number }> {
    let [completed, failed] = [0, 0];
    for (let k = 0; k < chunks; k++) {
      const results = await this.read<LineResult[]>(resultKey(id, k));
      completed += results?.length ?? 0;
      failed += results?.filter((r) => r.error !== undefined).length ?? 0;
    }
    return { completed, failed };
  }

  private async stored(id: string): Promise<Stored> {
    const stored = /^[0-9a-z-]+$/.test(id) ? await this.read<Stored>(`${id}/job.json`) : undefined;
    if (!stored) throw new CarouselError("NOT_FOUND", `there is no batch job ${id}`);
    return stored;
  }

  private async read<T>(key: string): Promise<T | undefined> {
    const bytes = await this.store.get(key);
    if (!bytes) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as T;
    } catch {
      throw new CarouselError("INTERNAL", `the blob store holds a damaged value under ${key}`);
    }
  }

  private async write(key: string, value: unknown): Promise<void> {
    await this.store.put(key, new TextEncoder().encode(JSON.stringify(value)));
  }
}

function inputKey(id: string, chunk: number): string {
  return `${id}/input/${chunk.toString().padStart(8, "0")}.json`;
}

function resultKey(id: string, chunk: number): string {
  return `${id}/results/${chunk.toString().padStart(8, "0")}.json`;
}
