import { duration, type ProgressOutput } from "../trainer/progress-line.js";

const ERASE_LINE = "\r\x1b[K";
const MS_BETWEEN = { terminal: 500, log: 15_000 };

export interface LineProgressOptions {
  readonly output: ProgressOutput;
  /** Lines of the whole text, and those that an earlier run has done. */
  readonly total: number;
  readonly before: number;
  /** In milliseconds. */
  readonly now?: () => number;
}

/** Says how many lines are done, how fast it goes and how long it will take; over the same line on a terminal. */
export class LineProgress {
  private readonly now: () => number;
  private readonly start: number;
  private shown: number;
  private done = 0;

  constructor(private readonly options: LineProgressOptions) {
    this.now = options.now ?? (() => performance.now());
    this.start = this.now();
    this.shown = this.start;
  }

  /** One more line is done. */
  count(): void {
    this.done++;
    const { output } = this.options;
    const now = this.now();
    if (now - this.shown < (output.isTTY ? MS_BETWEEN.terminal : MS_BETWEEN.log)) return;
    this.shown = now;
    output.write(output.isTTY ? ERASE_LINE + this.line() : `${this.line()}\n`);
  }

  /** The last line, for good. */
  end(): void {
    this.options.output.write(`${this.options.output.isTTY ? ERASE_LINE : ""}${this.line()}\n`);
  }

  private line(): string {
    const { total, before } = this.options;
    const perSecond = this.done / Math.max(1e-3, (this.now() - this.start) / 1000);
    const lines = before + this.done;
    const share = Math.floor((100 * lines) / total);
    const left = lines < total ? `  ${duration((total - lines) / perSecond)} left` : "";
    return `${lines}/${total} lines (${share} %)  ${perSecond.toFixed(1)} lines/s${left}`;
  }
}
