import { CarouselError } from "../errors.js";
import type { BlobStore } from "./blob-store.js";
import type { Unit, UnitResult } from "./formats/unit.js";
import { type ChunkSizes, type FinishedChunk, isJob, type JobSettings, type JobState, type Pace } from "./job.js";
import type { Delivery } from "./webhooks/webhook.js";

/** Who works on a job, and until when others leave it alone. */
export interface Lease extends Pace {
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/**
 * What the blob store holds of jobs. For each, under its id: `job.json`, without which there is no job; `state.json`; its
 * input in chunks; `chunks.json` with their sizes; a result for each chunk that is done, whose name says in which attempt
 * and with how many failures; the lease of who works on it; and how far its webhook is. Beside them `_open`, the ids for which something is left
 * to do, and `_keys`, the ids by the names that clients gave.
 */
export class JobFiles {
  constructor(private readonly store: BlobStore) {}

  /** Sorted by time of creation. What else is in the store is nobody's to clear away. */
  async ids(): Promise<string[]> {
    return (await this.store.list("")).filter(isJob);
  }

  async find(id: string): Promise<JobSettings | undefined> {
    return isJob(id) ? this.read<JobSettings>(`${id}/job.json`) : undefined;
  }

  /** @throws CarouselError NOT_FOUND */
  async settings(id: string): Promise<JobSettings> {
    const settings = await this.find(id);
    if (!settings) throw new CarouselError("NOT_FOUND", `there is no batch job ${id}`);
    return settings;
  }

  writeSettings(settings: JobSettings): Promise<void> {
    return this.write(`${settings.id}/job.json`, settings);
  }

  state(id: string): Promise<JobState | undefined> {
    return this.read<JobState>(`${id}/state.json`);
  }

  writeState(id: string, state: JobState): Promise<void> {
    return this.write(`${id}/state.json`, state);
  }

  /** Jobs for which something is left to do, and what is on its way to become one. */
  async openIds(): Promise<string[]> {
    return (await this.store.list("_open")).filter(isJob);
  }

  open(id: string): Promise<void> {
    return this.write(`_open/${id}`, { sinceMs: Date.now() });
  }

  async openedMs(id: string): Promise<number | undefined> {
    return (await this.read<{ sinceMs: number }>(`_open/${id}`))?.sinceMs;
  }

  close(id: string): Promise<void> {
    return this.store.deleteAll(`_open/${id}`);
  }

  lease(id: string): Promise<Lease | undefined> {
    return this.read<Lease>(`${id}/lease.json`);
  }

  writeLease(id: string, lease: Lease): Promise<void> {
    return this.write(`${id}/lease.json`, lease);
  }

  dropLease(id: string): Promise<void> {
    return this.store.deleteAll(`${id}/lease.json`);
  }

  delivery(id: string): Promise<Delivery | undefined> {
    return this.read<Delivery>(`${id}/webhook.json`);
  }

  writeDelivery(id: string, delivery: Delivery): Promise<void> {
    return this.write(`${id}/webhook.json`, delivery);
  }

  /** @throws CarouselError NOT_FOUND */
  async input(id: string, chunk: number): Promise<Unit[]> {
    const units = await this.read<Unit[]>(`${id}/input/${inputName(chunk)}`);
    if (!units) throw new CarouselError("NOT_FOUND", `the input of chunk ${chunk} of batch job ${id} is missing`);
    return units;
  }

  writeInput(id: string, { chunk, units }: { chunk: number; units: readonly Unit[] }): Promise<void> {
    return this.write(`${id}/input/${inputName(chunk)}`, units);
  }

  async sizes(id: string): Promise<ChunkSizes> {
    return (await this.read<ChunkSizes>(`${id}/chunks.json`)) ?? { units: [], characters: [] };
  }

  writeSizes(id: string, sizes: ChunkSizes): Promise<void> {
    return this.write(`${id}/chunks.json`, sizes);
  }

  /** Of each chunk that was translated the last attempt, by its number. */
  async finished(id: string): Promise<Map<number, FinishedChunk>> {
    const chunks = new Map<number, FinishedChunk>();
    for (const name of await this.store.list(`${id}/results`)) {
      const [, chunk, attempt, failed] = /^(\d+)-(\d+)-(\d+)\.json$/.exec(name)!.map(Number) as [
        0,
        number,
        number,
        number,
      ];
      const known = chunks.get(chunk);
      // of one attempt that two processes made, the one with fewer failures
      const isBetter = !known || attempt > known.attempt || (attempt === known.attempt && failed < known.failed);
      if (isBetter) chunks.set(chunk, { chunk, attempt, failed });
    }
    return chunks;
  }

  /** undefined when a later attempt has replaced them. */
  results(id: string, chunk: FinishedChunk): Promise<UnitResult[] | undefined> {
    return this.read<UnitResult[]>(`${id}/results/${resultName(chunk)}`);
  }

  async writeResults(id: string, chunk: FinishedChunk, results: readonly UnitResult[]): Promise<void> {
    await this.write(`${id}/results/${resultName(chunk)}`, results);
  }

  dropResults(id: string, chunk: FinishedChunk): Promise<void> {
    return this.store.deleteAll(`${id}/results/${resultName(chunk)}`);
  }

  /** The job is not there any more as soon as this begins; all that it held is gone when it ends. */
  async delete({ id, key }: Pick<JobSettings, "id" | "key">): Promise<void> {
    // whoever finds this begun and not ended ends it
    await this.open(id);
    await this.store.deleteAll(`${id}/job.json`);
    if (key) await this.store.deleteAll(`_keys/${key}`);
    await this.store.deleteAll(id);
    await this.close(id);
  }

  /** The last job that a client's key was given to, and its place in the row of those. */
  async claimant(key: string): Promise<{ id: string; place: number } | undefined> {
    const place = (await this.store.list(`_keys/${key}`)).length - 1;
    const claim = place < 0 ? undefined : await this.read<{ id: string }>(`_keys/${key}/${place}`);
    return claim && { id: claim.id, place };
  }

  /** Gives a key to a job. false: another one has had this place. */
  claim(key: string, { id, place }: { id: string; place: number }): Promise<boolean> {
    return this.store.putNew(`_keys/${key}/${place}`, encoded({ id }));
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
    await this.store.put(key, encoded(value));
  }
}

function encoded(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function inputName(chunk: number): string {
  return `${chunk.toString().padStart(8, "0")}.json`;
}

function resultName({ chunk, attempt, failed }: FinishedChunk): string {
  return `${chunk.toString().padStart(8, "0")}-${attempt}-${failed}.json`;
}
