import { setTimeout as sleep } from "node:timers/promises";
import { JobConsumer, JobLines, type TakenJob } from "./bullmq.js";
import type { Line } from "./line.js";
import type { RedisConnection } from "./redis.js";

/** Segments a job, until jobs have shown it. */
const FIRST_GUESS = 8;
const LEARN = 0.2;
/** Gateways may send to a line for so long after they could hear that it is served no more. */
const STALE_MS = 1500;
const LOOK_MS = 50;
/** A line that others fill as fast as it is emptied is left all the same; gateways miss their jobs and send them elsewhere. */
const LONGEST_LEAVE_MS = 30_000;

export interface WorkerLinesOptions {
  readonly commands: RedisConnection;
  /** Connection that consumers make theirs from. */
  readonly blocking: RedisConnection;
  readonly lockMs: number;
  /** Segments in hand at once, of each line. */
  readonly capacity: () => number;
  readonly work: (job: TakenJob) => Promise<void>;
  /** Whether a living worker says that it serves the line. */
  readonly isServed: (line: Line) => Promise<boolean>;
  readonly onError: (error: Error) => void;
}

/** The lines that a worker takes jobs from. */
export class WorkerLines {
  private readonly open = new Map<Line, OpenLine>();
  private readonly jobs: JobLines;

  constructor(private readonly options: WorkerLinesOptions) {
    this.jobs = new JobLines(options.commands);
  }

  /** Takes jobs from these lines too, from now on. */
  async enter(lines: readonly Line[]): Promise<void> {
    const entered = lines.filter((line) => !this.open.has(line)).map((line) => new OpenLine(line, this.options));
    for (const each of entered) this.open.set(each.line, each);
    await Promise.all(entered.map((each) => each.consumer.ready()));
    await Promise.all(entered.map(({ line }) => this.jobs.keepFewEvents(line)));
  }

  /** Takes no more jobs from all other lines, when what is in them is done or another worker's. Resolves then. */
  async leaveAllBut(lines: readonly Line[]): Promise<void> {
    const left = [...this.open.keys()].filter((line) => !lines.includes(line));
    await Promise.all(left.map((line) => this.leave(line)));
  }

  /** Takes no more; resolves when all in hand are done. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.open.values(), ({ consumer }) => consumer.close()));
    await this.jobs.close();
  }

  private async leave(line: Line): Promise<void> {
    const { isServed } = this.options;
    await sleep(STALE_MS);
    const end = Date.now() + LONGEST_LEAVE_MS;
    while (!(await isServed(line)) && (await this.jobs.waitingIn(line)) > 0 && Date.now() < end) {
      await sleep(LOOK_MS);
    }
    const left = this.open.get(line);
    this.open.delete(line);
    await left?.consumer.close();
    if (!(await isServed(line))) await this.jobs.forget(line);
  }
}

class OpenLine {
  readonly consumer: JobConsumer;
  private segmentsPerJob = FIRST_GUESS;

  constructor(
    readonly line: Line,
    { blocking, lockMs, capacity, work, onError }: WorkerLinesOptions,
  ) {
    /** Jobs that hold as many segments as there is room for: more would wait here while another worker is idle. */
    const room = () => Math.max(1, Math.round(capacity() / this.segmentsPerJob));
    this.consumer = new JobConsumer({
      line,
      connection: blocking,
      concurrency: room(),
      lockMs,
      work: (job) => {
        this.segmentsPerJob += LEARN * (job.segments.length - this.segmentsPerJob);
        this.consumer.hold(room());
        return work(job);
      },
      onError,
    });
  }
}
