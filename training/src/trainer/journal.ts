import { writeFile } from "node:fs/promises";
import { curveSvg } from "./curve.js";
import type { OnProgress, TrainingEvent } from "./events.js";
import { History, readHistory } from "./history.js";
import type { RunFolder } from "./run-folder.js";

/** Shows the progress of a training, and keeps it in the run folder: history.jsonl and the picture of its curve. */
export class Journal {
  private readonly history: History;

  constructor(
    private readonly folder: RunFolder,
    private readonly options: { title: string; show: OnProgress },
  ) {
    this.history = new History(folder.history);
  }

  record(event: TrainingEvent): void {
    this.history.record(event);
    this.options.show(event);
  }

  /** Puts on disk what was recorded. */
  async flush(): Promise<void> {
    await this.history.flush();
    await writeFile(this.folder.curve, curveSvg(await readHistory(this.folder.history), this.options));
  }

  /** Forgets what came after a step: training goes on from there. */
  async truncate(step: number): Promise<void> {
    await this.history.truncate(step);
  }
}
