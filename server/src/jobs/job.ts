import type { SearchOptions } from "../queue/port.js";
import type { BatchFormat } from "./formats/index.js";

/** running: translates. paused: waits for `unpause`. The others have ended. */
export type BatchState = "running" | "paused" | "done" | "cancelled";

export interface BatchJob {
  readonly id: string;
  readonly state: BatchState;
  readonly model: string;
  readonly options: SearchOptions;
  readonly format: BatchFormat;
  /** Lines, or what a document of another format is cut into. */
  readonly total: number;
  readonly completed: number;
  /** Units that ended in an error, among the completed. */
  readonly failed: number;
  /** Of the source. */
  readonly characters: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly endedMs?: number;
  /** Units a second since this process took the job up; absent where it does not work on it. */
  readonly rate?: number;
}

/** What of a job does not change. */
export interface JobSettings {
  readonly id: string;
  readonly model: string;
  readonly options: SearchOptions;
  readonly format: BatchFormat;
  readonly total: number;
  readonly characters: number;
  readonly createdMs: number;
  readonly chunks: number;
  /** What is behind the last translation. */
  readonly tail: string;
}
