import { writeAtomically } from "../files.js";
import type { TrainingEvent } from "../trainer/events.js";
import { readHistory } from "../trainer/history.js";
import type { RunFolder } from "../trainer/run-folder.js";
import { curveSvg } from "./curve.js";
import { reportPage } from "./page.js";
import { beginSession, type Outcome, type RunFacts, writeFacts } from "./run-facts.js";
import type { Sample } from "./sample.js";
import { SampleLog } from "./sample-log.js";

export interface ReportOptions {
  readonly folder: RunFolder;
  readonly facts: Omit<RunFacts, "sessions" | "outcome">;
  /** What the model says now; without it the report has no samples. */
  readonly sample?: (() => Promise<Sample[]>) | undefined;
}

interface Moment {
  readonly step: number;
  readonly epoch: number;
}

/** Writes the report of a training into its run folder, anew whenever there is more to tell: index.html and curve.svg. */
export class Report {
  private validated: Moment | undefined;

  static async open(options: ReportOptions): Promise<Report> {
    const { folder } = options;
    const facts = await beginSession(folder.facts, options.facts);
    await writeFacts(folder.facts, facts);
    return new Report(options, facts, new SampleLog(folder.samples));
  }

  private constructor(
    private readonly options: ReportOptions,
    private facts: RunFacts,
    private readonly samples: SampleLog,
  ) {}

  record(event: TrainingEvent): void {
    if (event.kind === "validation") this.validated = { step: event.step, epoch: event.epoch };
  }

  /** Takes samples if there was a validation since the last time, and writes the report. */
  async refresh(): Promise<void> {
    const { sample } = this.options;
    if (this.validated && sample) {
      await this.samples.append({ kind: "validation", ...this.validated, samples: await sample() });
    }
    this.validated = undefined;
    await this.write();
  }

  /** Forgets what came after a step: training goes on from there. */
  async truncate(step: number): Promise<void> {
    this.validated = undefined;
    await this.samples.truncate(step);
  }

  /** The report as it stays, with samples of the final parameters if there are any. */
  async finish(outcome: Outcome, final: readonly Sample[] = []): Promise<void> {
    const { folder } = this.options;
    this.facts = { ...this.facts, outcome };
    await writeFacts(folder.facts, this.facts);
    const last = (await readHistory(folder.history)).at(-1);
    if (last && final.length > 0) {
      await this.samples.append({ kind: "final", step: last.step, epoch: last.epoch, samples: final });
    }
    await this.write();
  }

  private async write(): Promise<void> {
    const { folder } = this.options;
    const history = await readHistory(folder.history);
    const page = reportPage({ facts: this.facts, history, samples: await this.samples.entries() });
    await writeAtomically(folder.page, [Buffer.from(page)]);
    await writeAtomically(folder.curve, [Buffer.from(curveSvg(history, { title: this.facts.recipe.name }))]);
  }
}
