import type { Report } from "../report/report.js";
import type { OnProgress, TrainingEvent } from "./events.js";
import { History } from "./history.js";
import type { RunFolder } from "./run-folder.js";

/** Shows the progress of a training, and keeps it in the run folder: history.jsonl, and the report that is made of it. */
export class Journal {
  private readonly history: History;

  constructor(
    folder: RunFolder,
    private readonly options: { report: Report; show: OnProgress },
  ) {
    this.history = new History(folder.history);
  }

  record(event: TrainingEvent): void {
    this.history.record(event);
    this.options.report.record(event);
    this.options.show(event);
  }

  /** Puts on disk what was recorded. */
  async flush(): Promise<void> {
    await this.history.flush();
    await this.options.report.refresh();
  }

  /** Forgets what came after a step: training goes on from there. */
  async truncate(step: number): Promise<void> {
    await this.history.truncate(step);
    await this.options.report.truncate(step);
  }
}
