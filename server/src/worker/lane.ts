import { CarouselError } from "../errors.js";
import type { BatchName, Executor } from "./executor.js";
import type { AdvanceRequest } from "./running-batch.js";
import { Scheduler, type SchedulerOptions, type Turn } from "./scheduler.js";
import type { Work } from "./work.js";

export interface LaneOptions extends SchedulerOptions {
  readonly name: BatchName;
  readonly executor: Executor;
  readonly onRun?: (sentences: number) => void;
}

/** One running batch: performs what its scheduler decides, run after run. */
export class Lane {
  private readonly scheduler: Scheduler<Work>;
  private turning = false;

  constructor(private readonly options: LaneOptions) {
    this.scheduler = new Scheduler<Work>(options);
  }

  /** Segments waiting and running. */
  get load(): number {
    return this.scheduler.load;
  }

  add(work: Work): void {
    this.scheduler.add(work);
    if (this.turning) return;
    this.turning = true;
    void this.turn();
  }

  private async turn(): Promise<void> {
    await null; // so that all segments of one call join together
    for (let turn = this.next(); turn; turn = this.next()) await this.perform(turn);
  }

  /** What to do now. Nothing: from that very moment on, `add` wakes the lane. */
  private next(): Turn<Work> | undefined {
    const turn = this.scheduler.next();
    if (turn.running.length === 0) this.turning = false;
    for (const work of turn.expired) work.fail(new CarouselError("DEADLINE_EXCEEDED", "the deadline passed"));
    return turn.running.length === 0 ? undefined : turn;
  }

  private async perform(turn: Turn<Work>): Promise<void> {
    const { executor, name, onRun } = this.options;
    onRun?.(turn.running.length);
    try {
      const run = await executor.advance(name, requestOf(turn));
      turn.running.forEach((work, n) => void work.accept(run, n));
    } catch (error) {
      const failure = new CarouselError("INTERNAL", `the decoder failed: ${(error as Error).message}`);
      for (const work of this.scheduler.abandon()) work.fail(failure);
    }
  }
}

/** What the executor is asked for in a turn. */
export function requestOf({ keep, join, running, steps }: Omit<Turn<Work>, "expired">): AdvanceRequest {
  const forced = new Int32Array(running.length * steps);
  const uniform = new Float32Array(running.length * steps);
  running.forEach((work, n) => {
    for (let ahead = 0; ahead < steps; ahead++) {
      forced[n * steps + ahead] = work.forcedAt(ahead);
      uniform[n * steps + ahead] = work.uniformAt(ahead);
    }
  });
  return {
    keep,
    join: join.map((work) => work.sentence()),
    steps,
    forced,
    uniform,
    attention: running.some((work) => work.wantsAttention) ? "wanted" : "unwanted",
  };
}
