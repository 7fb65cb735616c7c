import type { Segment, SegmentEvent, SegmentProcessor, ServedModel } from "../queue/port.js";

type Orders = Parameters<SegmentProcessor["process"]>[0];

const MODEL: ServedModel = {
  name: "bench",
  version: "0000000000000000",
  task: "translation",
  sourceLanguage: "en",
  targetLanguage: "en",
  sourceLimit: 1000,
  targetLimit: 1000,
};

/** Answers at once with the source: what is left is the path. */
export class InstantEngine implements SegmentProcessor {
  readonly models = [MODEL];
  readonly capacity = 128;

  async process(orders: Orders, onEvent: (event: SegmentEvent) => void): Promise<void> {
    for (const { segment } of orders) onEvent(echo(segment));
  }
}

export interface Sleep {
  /** Sentences that it works on at once. */
  readonly batch: number;
  /** Time that a batch takes, whatever its size. */
  readonly milliseconds: number;
}

/** Works as a GPU does for its host: one batch after another, each of which takes a time without taking a core. */
export class SleepingEngine implements SegmentProcessor {
  readonly models = [MODEL];
  readonly capacity: number;
  private readonly waiting: { segment: Segment; done: () => void; onEvent: (event: SegmentEvent) => void }[] = [];
  private working = false;

  constructor(private readonly sleep: Sleep) {
    this.capacity = 2 * sleep.batch;
  }

  async process(orders: Orders, onEvent: (event: SegmentEvent) => void): Promise<void> {
    const each = orders.map(
      ({ segment }) => new Promise<void>((done) => void this.waiting.push({ segment, done, onEvent })),
    );
    if (!this.working) void this.work();
    await Promise.all(each);
  }

  private async work(): Promise<void> {
    this.working = true;
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      await new Promise((resolve) => setTimeout(resolve, this.sleep.milliseconds));
      for (const { segment, done, onEvent } of batch) {
        onEvent(echo(segment));
        done();
      }
    }
    this.working = false;
  }

  /** Those whose deadline has passed are not worked on. */
  private nextBatch() {
    const now = Date.now();
    const batch = [];
    while (batch.length < this.sleep.batch && this.waiting.length > 0) {
      const next = this.waiting.shift()!;
      if (next.segment.deadline > now) batch.push(next);
      else next.done();
    }
    return batch;
  }
}

function echo({ id, text }: Segment): SegmentEvent {
  const best = { text, score: 0, logProbability: 0, tokens: [], finishReason: "end" } as const;
  return { id, type: "result", result: { hypotheses: [best], modelVersion: MODEL.version, sourceTokens: 1 } };
}
