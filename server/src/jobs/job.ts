import type { SearchOptions } from "../queue/port.js";
import type { Share } from "../queue/share.js";
import type { BatchFormat } from "./formats/index.js";
import type { DocumentForm } from "./formats/unit.js";
import type { Delivery, Webhook } from "./webhooks/webhook.js";

/** Whether a job can be called so: by the time of its creation, and ten digits that are drawn. */
export function isJob(id: string): boolean {
  return /^[0-9a-z]{9}-[0-9a-f]{10}$/.test(id);
}

/** running: translates. paused: waits for `unpause`. The others have ended. */
export const BATCH_STATES = ["running", "paused", "done", "cancelled"] as const;
export type BatchState = (typeof BATCH_STATES)[number];

export interface BatchJob
  extends Pick<JobSettings, "id" | "model" | "options" | "format" | "total" | "characters" | "createdMs" | "output">,
    Pick<JobState, "state" | "endedMs">,
    Progress {
  /** When it and all it holds is removed; absent while it has not ended, and where it is kept for ever. */
  readonly expiresMs?: number;
  /** Where its end is told, and how far that is. */
  readonly webhook?: Pick<Webhook, "url"> & Partial<Delivery>;
}

/** Where the translated document is written before the job is done. */
export interface Output {
  readonly uri: string;
  readonly form: DocumentForm;
}

/** How far a job is. */
export interface Progress extends Pace {
  readonly completed: number;
  /** Units that ended in an error, among the completed. */
  readonly failed: number;
  /** Of the source of the completed. */
  readonly charactersCompleted: number;
}

/** What only the process that works on a job knows; it tells the others with its lease. */
export interface Pace {
  /** Units a second. */
  readonly rate?: number;
  readonly secondsLeft?: number;
  /** Why it does not get on: what failed last and is tried again. */
  readonly problem?: string;
}

/** What of a job does not change. */
export interface JobSettings {
  readonly id: string;
  readonly model: string;
  readonly options: SearchOptions;
  readonly format: BatchFormat;
  /** Lines, or what a document of another format is cut into. */
  readonly total: number;
  /** Of the source. */
  readonly characters: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** Whose it is; those who have no share of their own when absent. */
  readonly share?: Share | undefined;
  /** What is behind the last translation. */
  readonly tail: string;
  /** Milliseconds for which it is kept after its end, 0 for ever; the server's own when absent. */
  readonly retainMs?: number | undefined;
  /** Hash of the client's name for it. */
  readonly key?: string | undefined;
  readonly webhook?: Webhook | undefined;
  readonly output?: Output | undefined;
}

/** What of a job changes. */
export interface JobState {
  readonly state: BatchState;
  /** 0, and one more with each retry of what failed. */
  readonly attempt: number;
  readonly endedMs?: number;
}

/** Units and characters of each chunk of a job. */
export interface ChunkSizes {
  readonly units: readonly number[];
  readonly characters: readonly number[];
}

/** A chunk that was translated. */
export interface FinishedChunk {
  readonly chunk: number;
  readonly attempt: number;
  /** Units of it that ended in an error. */
  readonly failed: number;
}

/** Whether an attempt has nothing left to do for a chunk. */
export function isSettled({ failed, attempt }: FinishedChunk, now: number): boolean {
  return failed === 0 || attempt >= now;
}
