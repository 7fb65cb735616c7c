import { CarouselError } from "../errors.js";
import type { BlobStore } from "./blob-store.js";
import type { Unit, UnitResult } from "./formats/unit.js";
import type { JobSettings } from "./job.js";

/** Units that are translated, stored and counted together. */
export const CHUNK = 64;

export interface Ended {
  readonly state: "done" | "cancelled";
  readonly endedMs: number;
}

/** Who works on a job, and until when others leave it alone. */
export interface Lease {
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/**
 * What the blob store holds of jobs: for each `job.json`, its input in chunks, a result for each chunk that is done, the
 * number of failures of each chunk that has any as a name, `paused.json`, `ended.json`, and the lease of who works on it.
 */
export class JobFiles {
  constructor(private readonly store: BlobStore) {}

  /** Sorted by time of creation. */
  async ids(): Promise<string[]> {
    return (await this.store.list("")).filter((name) => !name.startsWith("_"));
  }

  /** @throws CarouselError NOT_FOUND */
  async settings(id: string): Promise<JobSettings> {
    const settings = /^[0-9a-z-]+$/.test(id) ? await this.read<JobSettings>(`${id}/job.json`) : undefined;
    if (!settings) throw new CarouselError("NOT_FOUND", `there is no batch job ${id}`);
    return settings;
  }

  writeSettings(settings: JobSettings): Promise<void> {
    return this.write(`${settings.id}/job.json`, settings);
  }

  async ended(id: string): Promise<Ended | undefined> {
    return this.read<Ended>(`${id}/ended.json`);
  }

  async isPaused(id: string): Promise<boolean> {
    return this.store.has(`${id}/paused.json`);
  }

  end(id: string, state: Ended["state"]): Promise<void> {
    return this.write(`${id}/ended.json`, { state, endedMs: Date.now() } satisfies Ended);
  }

  pause(id: string): Promise<void> {
    return this.write(`${id}/paused.json`, {});
  }

  /** Whether somebody is to work on it. */
  async isOpen(id: string): Promise<boolean> {
    return !(await this.store.has(`${id}/ended.json`)) && !(await this.isPaused(id));
  }

  async lease(id: string): Promise<Lease | undefined> {
    return this.read<Lease>(`${id}/lease.json`);
  }

  writeLease(id: string, lease: Lease): Promise<void> {
    return this.write(`${id}/lease.json`, lease);
  }

  dropLease(id: string): Promise<void> {
    return this.store.deleteAll(`${id}/lease.json`);
  }

  /** Makes a job one that is to be worked on. */
  async reopen(id: string): Promise<void> {
    for (const name of ["paused.json", "ended.json"]) await this.store.deleteAll(`${id}/${name}`);
  }

  /** @throws CarouselError NOT_FOUND */
  async input(id: string, chunk: number): Promise<Unit[]> {
    const units = await this.read<Unit[]>(`${id}/input/${name(chunk)}`);
    if (!units) throw new CarouselError("NOT_FOUND", `the input of chunk ${chunk} of batch job ${id} is missing`);
    return units;
  }

  writeInput(id: string, { chunk, units }: { chunk: number; units: readonly Unit[] }): Promise<void> {
    return this.write(`${id}/input/${name(chunk)}`, units);
  }

  /** undefined while the chunk is not done. */
  async results(id: string, chunk: number): Promise<UnitResult[] | undefined> {
    return this.read<UnitResult[]>(`${id}/results/${name(chunk)}`);
  }

  hasResults(id: string, chunk: number): Promise<boolean> {
    return this.store.has(`${id}/results/${name(chunk)}`);
  }

  async writeResults(id: string, { chunk, results }: { chunk: number; results: readonly UnitResult[] }): Promise<void> {
    const failed = results.filter((r) => r.error !== undefined).length;
    if (failed > 0) await this.write(`${id}/failed/${chunk}-${failed}`, {});
    await this.write(`${id}/results/${name(chunk)}`, results);
  }

  /** Results of chunks that are to be done again for their failures. */
  async earlier(id: string, chunk: number): Promise<UnitResult[] | undefined> {
    return this.read<UnitResult[]>(`${id}/earlier/${name(chunk)}`);
  }

  /** Puts the results of chunks with failures aside, so that these chunks are not done. */
  async putFailuresAside(id: string): Promise<void> {
    for (const failed of await this.store.list(`${id}/failed`)) {
      const chunk = Number(failed.split("-")[0]);
      await this.write(`${id}/earlier/${name(chunk)}`, (await this.results(id, chunk)) ?? []);
      await this.store.deleteAll(`${id}/results/${name(chunk)}`);
      await this.store.deleteAll(`${id}/failed/${failed}`);
    }
  }

  /** Counted by the names of what is there. */
  async count({ id, total, chunks }: JobSettings): Promise<{ completed: number; failed: number }> {
    const done = await this.store.list(`${id}/results`);
    const last = done.includes(name(chunks - 1)) ? total - (chunks - 1) * CHUNK - CHUNK : 0;
    const failed = (await this.store.list(`${id}/failed`)).reduce((sum, name) => sum + Number(name.split("-")[1]), 0);
    return { completed: done.length * CHUNK + last, failed };
  }

  delete(id: string): Promise<void> {
    return this.store.deleteAll(id);
  }

  /** The job that a client's key stands for. */
  async idOf(key: string): Promise<string | undefined> {
    return (await this.read<{ id: string }>(`_keys/${key}`))?.id;
  }

  keep(key: string, id: string): Promise<void> {
    return this.write(`_keys/${key}`, { id });
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

function name(chunk: number): string {
  return `${chunk.toString().padStart(8, "0")}.json`;
}
