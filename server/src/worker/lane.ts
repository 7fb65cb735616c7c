import { CarouselError } from "../errors.js";
import type { Batcher } from "./batcher.js";
import type { BatchName, Executor } from "./executor.js";
import type { AdvanceRequest } from "./running-batch.js";
import type { Work } from "./work.js";

export interface LaneOptions {
  readonly name: BatchName;
  readonly batcher: Batcher<Work>;
  readonly executor: Executor;
  /** Steps a run. */
  readonly steps: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Steps of one run while only given tokens are taken: nobody waits for them and nothing ends. */
const MAX_FORCED_STEPS = 64;

/** One running batch: between runs of k steps some leave and some join. */
export class Lane {
  private running: readonly Work[] = [];
  private turning = false;

  constructor(private readonly options: LaneOptions) {}

  /** Segments waiting and running. */
  get load(): number {
    return this.running.length + this.options.batcher.depth;
  }

  add(work: Work): void {
    this.options.batcher.add(work);
    if (this.turning) return;
    this.turning = true;
    void this.turn();
  }

  private async turn(): Promise<void> {
    await null; // so that all segments of one call join together
    while (await this.runOnce());
    this.turning = false;
  }

  /** @returns whether there was anything to do */
  private async runOnce(): Promise<boolean> {
    const { batcher, executor, name, now } = this.options;
    const { keep, join, expired } = batcher.next(this.running, now());
    for (const work of expired) work.fail(new CarouselError("DEADLINE_EXCEEDED", "the deadline passed"));
    this.running = [...keep.map((n) => this.running[n]!), ...join];
    if (this.running.length === 0) return false;
    try {
      const run = await executor.advance(name, this.request({ keep, join }));
      this.running.forEach((work, n) => void work.accept(run, n));
    } catch (error) {
      const failure = new CarouselError("INTERNAL", `the decoder failed: ${(error as Error).message}`);
      for (const work of this.running) work.fail(failure);
      this.running = [];
    }
    return true;
  }

  private request({ keep, join }: { keep: readonly number[]; join: readonly Work[] }): AdvanceRequest {
    const steps = stepsFor(this.running, this.options.steps);
    const each = <T>(f: (work: Work, ahead: number) => T) =>
      this.running.flatMap((work) => Array.from({ length: steps }, (_, ahead) => f(work, ahead)));
    return {
      keep,
      join: join.map((work) => work.sentence()),
      steps,
      forced: Int32Array.from(each((work, ahead) => work.forcedAt(ahead))),
      uniform: Float32Array.from(each((work, ahead) => work.uniformAt(ahead))),
      attention: this.running.some((work) => work.wantsAttention) ? "wanted" : "unwanted",
    };
  }
}

/** Steps of the next run: one while somebody waits for every token, many while all tokens are given. */
export function stepsFor(works: readonly Pick<Work, "forcedLeft" | "stepsLeft" | "streams">[], usual: number): number {
  const forced = Math.min(...works.map((w) => w.forcedLeft));
  const longest = Math.max(...works.map((w) => w.stepsLeft));
  const free = works.some((w) => w.streams && w.forcedLeft === 0) ? 1 : usual;
  return Math.max(1, Math.min(longest, Math.max(free, Math.min(forced, MAX_FORCED_STEPS))));
}
