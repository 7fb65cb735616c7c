import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import type { Figures } from "./figures.js";
import type { LongJobVerdict } from "./long-job.js";
import type { OverloadVerdict } from "./overload.js";
import { quantile } from "./quantile.js";
import type { SoakVerdict } from "./soak.js";
import type { Verdict } from "./trial.js";

/** Violations of one trial that are kept. */
const KEPT = 20;

export interface FaultReport {
  readonly id: string;
  readonly name: string;
  readonly asked: number;
  inflicted: number;
  violations: number;
  readonly examples: string[];
  requests: number;
  refused: number;
  resent: number;
  jobs: number;
  lines: number;
  /** Answers that came a second or more after the fault, to what was asked before: seconds. */
  delayed?: { readonly answers: number; readonly p50: number; readonly p99: number; readonly most: number };
  /** Why it was not inflicted. */
  skipped?: string;
}

/** What was tried by hand, and what came of it: one JSON document, and tables. */
export class Report {
  readonly faults: FaultReport[] = [];
  readonly overloads: OverloadVerdict[] = [];
  figures: Figures | undefined;
  longJob: LongJobVerdict | undefined;
  soak: (SoakVerdict & { readonly seconds: number }) | undefined;
  private readonly begun = new Date().toISOString();
  private readonly delays = new Map<FaultReport, number[]>();

  constructor(private readonly options: { seed: number; form: "short" | "long"; file?: string | undefined }) {}

  fault(about: { id: string; name: string; asked: number }): FaultReport {
    const none = { inflicted: 0, violations: 0, requests: 0, refused: 0, resent: 0, jobs: 0, lines: 0 };
    const report: FaultReport = { ...about, ...none, examples: [] };
    this.faults.push(report);
    return report;
  }

  /** Adds what came of a fault that was inflicted so many times more. */
  add(report: FaultReport, times: number, { violations, counts, delays }: Verdict): void {
    report.inflicted += times;
    report.violations += violations.length;
    report.examples.push(...violations.slice(0, KEPT - report.examples.length));
    for (const key of ["requests", "refused", "resent", "jobs", "lines"] as const) report[key] += counts[key];
    const all = [...(this.delays.get(report) ?? []), ...delays];
    this.delays.set(report, all);
    const seconds = (part: number) => quantile(all, part) / 1000;
    if (all.length > 0)
      report.delayed = { answers: all.length, p50: seconds(0.5), p99: seconds(0.99), most: seconds(1) };
  }

  get violations(): number {
    const others = [...this.overloads, this.figures, this.longJob, this.soak].map(
      (part) => part?.violations.length ?? 0,
    );
    return [...this.faults.map((f) => f.violations), ...others].reduce((a, b) => a + b, 0);
  }

  /** Writes what is there so far, where a file was asked for. */
  async save(): Promise<void> {
    const { file, seed, form } = this.options;
    if (!file) return;
    const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), memory: totalmem(), node: process.version };
    const { faults, overloads, figures, longJob, soak, begun } = this;
    const report = {
      begun,
      saved: new Date().toISOString(),
      form,
      seed,
      machine,
      faults,
      overloads,
      figures,
      longJob,
      soak,
    };
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  }

  /** In Markdown. */
  tables(): string {
    return [this.faultTable(), this.overloadTable(), this.figureTable(), this.longJobTable(), this.soakTable()]
      .filter((table) => table !== "")
      .join("\n");
  }

  private faultTable(): string {
    const rows = this.faults.map((f) => {
      if (f.skipped) return [f.name, `not here: ${f.skipped}`, "", "", "", ""];
      const { answers, p50, p99, most } = f.delayed ?? { answers: 0, p50: 0, p99: 0, most: 0 };
      const delayed = answers === 0 ? "none" : `${answers}: ${[p50, p99, most].map((s) => s.toFixed(1)).join(" / ")} s`;
      const requests = `${f.requests} (${f.refused} refused, ${f.resent} sent again)`;
      return [f.name, `${f.inflicted} of ${f.asked}`, `${f.violations}`, requests, `${f.lines} in ${f.jobs}`, delayed];
    });
    const head = ["fault", "times", "wrong", "requests", "lines, jobs", "delayed answers: p50 / p99 / most"];
    return table(head, rows);
  }

  private overloadTable(): string {
    const rows = this.overloads.map((o) => [
      `${o.peak.toFixed(1)}/s`,
      `${o.offered.toFixed(1)}/s`,
      `${(100 * o.goodput).toFixed(0)} %`,
      `${o.halfP99.toFixed(0)} ms`,
      `${o.acceptedP99.toFixed(0)} ms`,
      `${o.refusedP99.toFixed(0)} ms`,
      `${o.counts.answered} / ${o.counts.late} / ${o.counts.refused}`,
      `${o.violations.length}`,
    ]);
    const head = ["peak", "offered", "goodput", "p99 at half load", "p99 of accepted", "p99 of refusals"];
    return table([...head, "answered / late / refused", "wrong"], rows);
  }

  private figureTable(): string {
    if (!this.figures) return "";
    const { lag, redis, requestsPerSecond } = this.figures;
    return table(
      ["figure", ""],
      [
        ["requests/s while a worker with a shipped model is full", requestsPerSecond.toFixed(0)],
        ["event-loop lag then, p99: gateway", `${lag.gateway.toFixed(1)} ms`],
        ["event-loop lag then, p99: worker, main thread", `${lag.worker.toFixed(1)} ms`],
        ["Redis, a sentence that waits", `${redis.queuedSentence.toFixed(0)} bytes`],
        ["Redis, a sentence that was answered", `${redis.answeredSentence.toFixed(1)} bytes`],
        ["Redis, a batch job that has ended", `${redis.endedJob.toFixed(0)} bytes`],
      ],
    );
  }

  private longJobTable(): string {
    if (!this.longJob) return "";
    const { lines, doneBefore, seconds, segments, peakMib, violations } = this.longJob;
    const each = (counts: readonly number[]) => counts.join(" + ");
    return table(
      ["a long job", ""],
      [
        ["lines, done when everything ended, wrong", `${lines}, ${doneBefore}, ${violations.length}`],
        [
          "seconds: upload, translation, reading",
          Object.values(seconds)
            .map((s) => s.toFixed(1))
            .join(", "),
        ],
        ["answered by each worker: before, after", `${each(segments.before)}, ${each(segments.after)}`],
        [
          "most of a gateway, a worker, Redis",
          `${Object.values(peakMib)
            .map((m) => m.toFixed(1))
            .join(", ")} MiB`,
        ],
      ],
    );
  }

  private soakTable(): string {
    if (!this.soak) return "";
    const rows = this.soak.growth.map(({ of, perHour, error, limit, values: [first, last] }) => [
      of,
      `${first.toFixed(1)} → ${last.toFixed(1)}`,
      `${perHour.toFixed(2)} ± ${(2 * error).toFixed(2)}`,
      `${limit}`,
    ]);
    return table(
      [`soak of ${(this.soak.seconds / 60).toFixed(0)} min`, "after warm-up → end", "growth/h", "limit"],
      rows,
    );
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
