import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CarouselError, invalid } from "../errors.js";
import { lengthOf, type Unit } from "./formats/unit.js";
import type { JobSettings, JobState } from "./job.js";
import type { JobFiles } from "./job-files.js";
import type { Leases } from "./leases.js";

/** Units of a chunk: translated, stored and counted together. */
const CHUNK_UNITS = 64;
/** A chunk ends behind the unit that fills it with so many characters. */
const CHUNK_CHARACTERS = 8192;
/** Chunks that are being written at once. */
const WRITES = 8;
const LOOK_MS = 100;

/** A document, and what is asked of it; webhook and output are checked. */
export interface NewBatch
  extends Pick<JobSettings, "model" | "options" | "format" | "share" | "retainMs" | "webhook" | "output"> {
  /** What is translated; it is read once, as it is stored. */
  readonly units: AsyncGenerator<Unit, string>;
  /** A client's name for this job: a second one of the same name is the first. */
  readonly key?: string | undefined;
}

/** Makes documents into jobs: a job is there when all its input is. */
export class Intake {
  constructor(
    private readonly files: JobFiles,
    private readonly leases: Leases,
  ) {}

  /**
   * Stores a job whose lease this process then holds, or finds the one of its key.
   * @throws CarouselError INVALID_ARGUMENT when the document is not of its format; nothing is kept then
   */
  async take(batch: NewBatch): Promise<{ settings: JobSettings; isNew: boolean }> {
    const key = batch.key && createHash("sha256").update(batch.key).digest("hex");
    const known = key && (await this.ofKey(key)).settings;
    if (known) return { settings: known, isNew: false };
    const createdMs = Date.now();
    // ids sort by time of creation
    const id = `${createdMs.toString(36).padStart(9, "0")}-${randomBytes(5).toString("hex")}`;
    try {
      await this.files.open(id);
      await this.leases.take(id);
      const { units, ...rest } = batch;
      const settings: JobSettings = { ...rest, id, key: key || undefined, createdMs, ...(await this.store(id, units)) };
      await this.files.writeState(id, { state: "running", attempt: 0 } satisfies JobState);
      if (!(await this.leases.renew(id))) {
        throw new CarouselError("UNAVAILABLE", "the document took too long to store: the blob store did not answer");
      }
      const first = key ? await this.claim(key, id) : undefined;
      if (first) {
        await this.dispose(id);
        return { settings: first, isNew: false };
      }
      await this.files.writeSettings(settings);
      return { settings, isNew: true };
    } catch (error) {
      await this.dispose(id);
      throw error;
    }
  }

  /** A job that came to nothing; where the store does not answer it is cleared away later. */
  private async dispose(id: string): Promise<void> {
    await this.leases.drop(id).catch(() => {});
    await this.files.delete({ id }).catch(() => {});
  }

  /** The job of a key; or the place that the next one takes, where there is none or it is gone. */
  private async ofKey(key: string): Promise<{ settings?: JobSettings | undefined; place: number }> {
    for (;;) {
      const claimant = await this.files.claimant(key);
      if (!claimant) return { place: 0 };
      const settings = await this.files.find(claimant.id);
      // claimed, and its maker is at work: it is there in a moment
      if (settings || !(await this.leases.isHeld(claimant.id))) return { settings, place: claimant.place + 1 };
      await sleep(LOOK_MS);
    }
  }

  /** @returns the job that was faster */
  private async claim(key: string, id: string): Promise<JobSettings | undefined> {
    for (;;) {
      const { settings, place } = await this.ofKey(key);
      if (settings || (await this.files.claim(key, { id, place }))) return settings;
    }
  }

  private async store(id: string, units: AsyncGenerator<Unit, string>) {
    const sizes = { units: [] as number[], characters: [] as number[] };
    const writes = new Set<Promise<void>>();
    let fault: unknown;
    let [chunk, characters] = [[] as Unit[], 0];
    const write = async () => {
      const written = this.files
        .writeInput(id, { chunk: sizes.units.length, units: chunk })
        .catch((error) => {
          fault ??= error;
        })
        .finally(() => writes.delete(written));
      writes.add(written);
      sizes.units.push(chunk.length);
      sizes.characters.push(characters);
      [chunk, characters] = [[], 0];
      if (writes.size >= WRITES) await Promise.race(writes);
      if (fault) throw fault;
    };
    let next = await units.next();
    for (; !next.done; next = await units.next()) {
      chunk.push(next.value);
      characters += lengthOf(next.value);
      if (chunk.length === CHUNK_UNITS || characters >= CHUNK_CHARACTERS) await write();
    }
    if (chunk.length > 0) await write();
    await Promise.all(writes);
    if (fault) throw fault;
    if (sizes.units.length === 0) invalid("document", "holds nothing to translate");
    await this.files.writeSizes(id, sizes);
    return { total: sum(sizes.units), characters: sum(sizes.characters), tail: next.value };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
