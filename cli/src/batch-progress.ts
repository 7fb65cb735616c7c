import { batch } from "@carousel/protos";

const BAR = 20;
const END_OF_LINE = "\x1b[K";
/** Where nobody watches a bar, a line is written so often at most, milliseconds. */
const LINE_MS = 2000;

/** Shows a job that runs: a bar that moves on a terminal, plain lines elsewhere. */
export class BatchProgress {
  private hasBar = false;
  private shown: { state: batch.BatchState; atMs: number } | undefined;

  constructor(private readonly out: NodeJS.WriteStream = process.stderr) {}

  show(job: batch.Batch): void {
    if (this.out.isTTY) this.draw(`\r${barOf(job)} ${describe(job)}${END_OF_LINE}`);
    else if (this.isDue(job)) this.out.write(`${describe(job)}\n`);
  }

  end(): void {
    if (this.hasBar) this.out.write("\n");
  }

  private draw(line: string): void {
    this.hasBar = true;
    this.out.write(line);
  }

  private isDue({ state, endedMs }: batch.Batch): boolean {
    const isDue = endedMs > 0 || state !== this.shown?.state || Date.now() - this.shown.atMs >= LINE_MS;
    if (isDue) this.shown = { state, atMs: Date.now() };
    return isDue;
  }
}

/** A job in one line of words. */
export function describe(job: batch.Batch): string {
  const { id, total, completed, failed, characters, charactersCompleted, rate, secondsLeft, model, problem } = job;
  const state = batch.batchStateToJSON(job.state).replace("BATCH_STATE_", "").toLowerCase();
  return [
    `${id}  ${state}  ${completed}/${total} segments, ${charactersCompleted}/${characters} characters, ${failed} failed`,
    ...(rate > 0 ? [`${rate.toFixed(1)}/s`] : []),
    ...(secondsLeft > 0 ? [`${duration(secondsLeft)} left`] : []),
    model,
    ...(problem ? [`waits: ${problem}`] : []),
  ].join("  ");
}

function barOf({ characters, charactersCompleted: done, total, completed }: batch.Batch): string {
  const share = characters > 0 ? done / characters : total > 0 ? completed / total : 1;
  return "█".repeat(Math.floor(BAR * share)).padEnd(BAR, "░");
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
