import { appendJsonLines, readJsonLines, writeJsonLines } from "../files.js";
import type { Sample } from "./sample.js";

/** One line of samples.jsonl: what the model said at a validation, or what the final parameters say. */
export interface SampleEntry {
  readonly kind: "validation" | "final";
  readonly step: number;
  readonly epoch: number;
  readonly samples: readonly Sample[];
}

/** The samples of a training in a file, one JSON document a line. */
export class SampleLog {
  constructor(private readonly path: string) {}

  async append(entry: SampleEntry): Promise<void> {
    await appendJsonLines(this.path, [entry]);
  }

  async entries(): Promise<SampleEntry[]> {
    return readJsonLines<SampleEntry>(this.path);
  }

  /** Forgets what came after a step, and what was final: a resumed training will write them again. */
  async truncate(step: number): Promise<void> {
    await writeJsonLines(
      this.path,
      (await this.entries()).filter((e) => e.kind === "validation" && e.step <= step),
    );
  }
}
