import { batch } from "@carousel/protos";

/** Cells of a bar, where the terminal is wide enough. */
const BAR = 20;
const WIDTH = 80;
const END_OF_LINE = "\x1b[K";
/** Where nobody watches a bar, a line is written so often at most, milliseconds. */
const LINE_MS = 2000;

/** Shows a job that runs: a bar that moves on a terminal, plain lines elsewhere. */
export class BatchProgress {
  private last: batch.Batch | undefined;
  private shown: { state: batch.BatchState; atMs: number } | undefined;

  constructor(private readonly out: Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write"> = process.stderr) {}

  show(job: batch.Batch): void {
    this.last = job;
    if (this.out.isTTY) this.out.write(`\r${barLine(job, this.out.columns || WIDTH)}${END_OF_LINE}`);
    else if (this.isDue(job)) this.out.write(`${describe(job)}\n`);
  }

  /** The bar gives way to what became of the job. */
  end(): void {
    if (this.out.isTTY && this.last) this.out.write(`\r${END_OF_LINE}${describe(this.last)}\n`);
  }

  private isDue({ state, endedMs }: batch.Batch): boolean {
    const isDue = endedMs > 0 || state !== this.shown?.state || Date.now() - this.shown.atMs >= LINE_MS;
    if (isDue) this.shown = { state, atMs: Date.now() };
    return isDue;
  }
}

/** A job in one line of words. */
export function describe(job: batch.Batch): string {
  const { id, total, completed, failed, characters, charactersCompleted, model } = job;
  const done = `${completed}/${total} segments, ${charactersCompleted}/${characters} characters, ${failed} failed`;
  return [id, stateOf(job), done, ...paceOf(job), model, ...problemOf(job)].join("  ");
}

/** A job in one row of a terminal; a longer one would be written anew below itself. */
function barLine(job: batch.Batch, columns: number): string {
  const { characters, charactersCompleted, total, completed, failed } = job;
  const share = characters > 0 ? charactersCompleted / characters : total > 0 ? completed / total : 1;
  const bar = Math.min(BAR, Math.floor(columns / 4));
  const state = stateOf(job);
  const words = [
    ...(state === "running" ? [] : [state]),
    `${completed}/${total}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...paceOf(job),
  ];
  let line = `${"█".repeat(Math.floor(bar * share)).padEnd(bar, "░")} ${Math.floor(100 * share)} %`;
  for (const word of words) if (line.length + 2 + word.length < columns) line += `  ${word}`;
  return [line, ...problemOf(job)].join("  ").slice(0, columns - 1);
}

function stateOf({ state }: batch.Batch): string {
  return batch.batchStateToJSON(state).replace("BATCH_STATE_", "").toLowerCase();
}

function paceOf({ rate, secondsLeft }: batch.Batch): string[] {
  return [...(rate > 0 ? [`${rate.toFixed(1)}/s`] : []), ...(secondsLeft > 0 ? [`${duration(secondsLeft)} left`] : [])];
}

function problemOf({ problem }: batch.Batch): string[] {
  return problem ? [`waits: ${problem.replace(/\s+/g, " ")}`] : [];
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
