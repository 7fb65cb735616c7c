import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QueueClient, QueueWorker, Segment, SegmentEvent, SegmentProcessor, ServedModel } from "../port.js";

export interface Driver {
  /** A client and workers that share one empty queue. */
  open(options: { maxQueued: number }): Promise<{ client: QueueClient; workers: QueueWorker[] }>;
}

export const MODEL: ServedModel = {
  name: "upper",
  version: "0123456789abcdef",
  task: "translation",
  sourceLanguage: "en",
  targetLanguage: "en",
  sourceLimit: 100,
  targetLimit: 100,
};

type Order = Parameters<SegmentProcessor["process"]>[0][number];

/** A processor that answers with the text in capitals; the test can look at it and hold it up. */
export class Capitals implements SegmentProcessor {
  readonly models = [MODEL];
  readonly seen: Order[] = [];
  gate: Promise<void> = Promise.resolve();

  constructor(readonly capacity = 64) {}

  async process(orders: readonly Order[], onEvent: (event: SegmentEvent) => void): Promise<void> {
    await Promise.all(
      orders.map(async (order) => {
        this.seen.push(order);
        const { segment, signal } = order;
        const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        await Promise.race([this.gate, aborted]);
        const { id } = segment;
        if (signal.aborted) {
          onEvent({ id, type: "error", error: { code: "CANCELLED", message: "cancelled" } });
          return;
        }
        if (segment.stream) {
          [...segment.text].forEach(
            (text, index) => void onEvent({ id, type: "piece", index, text: text.toUpperCase() }),
          );
        }
        onEvent(resultOf(segment));
      }),
    );
  }
}

export function resultOf({ id, text }: Segment): SegmentEvent {
  const hypothesis = {
    text: text.toUpperCase(),
    score: 0,
    logProbability: 0,
    tokens: [],
    finishReason: "end",
  } as const;
  return { id, type: "result", result: { hypotheses: [hypothesis], modelVersion: MODEL.version, sourceTokens: 1 } };
}

export function segment(text: string, changes: Partial<Segment> = {}): Segment {
  return {
    id: randomUUID(),
    task: "translate",
    model: "upper",
    text,
    options: {
      beamSize: 1,
      nBest: 1,
      minLength: 0,
      lengthPenalty: 0,
      temperature: 0,
      topK: 0,
      topP: 1,
      alignments: false,
    },
    priority: "interactive",
    deadline: Date.now() + 30_000,
    stream: false,
    ...changes,
  };
}

/** Submits a segment; resolves with all its events when the last one has come and nothing more for a moment. */
export function submit(client: QueueClient, wanted: Segment, signal?: AbortSignal): Promise<SegmentEvent[]> {
  return new Promise((resolve) => {
    const events: SegmentEvent[] = [];
    client.submit(
      wanted,
      (event) => {
        events.push(event);
        if (event.type !== "piece") setTimeout(() => resolve(events), 20);
      },
      signal,
    );
  });
}

export const textOf = (events: readonly SegmentEvent[]): string => {
  const last = events.at(-1)!;
  return last.type === "result" ? last.result.hypotheses[0]!.text : last.type === "error" ? last.error.code : "";
};

/** What every driver of the queue promises. */
export function describeQueue(name: string, driver: Driver): void {
  describe(`the queue port: ${name}`, () => {
    let client: QueueClient;
    let workers: QueueWorker[];
    let processor: Capitals;

    beforeEach(async () => {
      ({ client, workers } = await driver.open({ maxQueued: 50 }));
      processor = new Capitals();
    });
    afterEach(async () => {
      for (const worker of workers) await worker.close(1000);
      await client.close();
    });
    const start = () => Promise.all(workers.map((w) => w.start(processor)));

    it("answers each segment once, with its own text", async () => {
      await start();
      const texts = Array.from({ length: 40 }, (_, k) => `text ${k}`);
      const answers = await Promise.all(texts.map((text) => submit(client, segment(text))));
      expect(answers.map(textOf)).toEqual(texts.map((t) => t.toUpperCase()));
      expect(answers.every((events) => events.length === 1)).toBe(true);
    });

    it("gives pieces in order, then the result", async () => {
      await start();
      const events = await submit(client, segment("abc", { stream: true }));
      expect(events.map((e) => (e.type === "piece" ? e.text : e.type))).toEqual(["A", "B", "C", "result"]);
    });

    it("publishes the models of its workers", async () => {
      await start();
      expect(await client.models()).toEqual([MODEL]);
    });

    it("keeps segments until a worker comes", async () => {
      const answer = submit(client, segment("early"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await start();
      expect(textOf(await answer)).toBe("EARLY");
    });

    it("ends a segment at its deadline, worker or not", async () => {
      const events = await submit(client, segment("late", { deadline: Date.now() + 60 }));
      expect(events).toMatchObject([{ type: "error", error: { code: "DEADLINE_EXCEEDED" } }]);
    });

    it("ends a cancelled segment at once, and tells the worker", async () => {
      let open = () => {};
      processor.gate = new Promise((resolve) => {
        open = resolve;
      });
      await start();
      const controller = new AbortController();
      const wanted = segment("never");
      const answer = submit(client, wanted, controller.signal);
      await until(() => processor.seen.some((o) => o.segment.id === wanted.id));
      controller.abort();
      expect(await answer).toMatchObject([{ type: "error", error: { code: "CANCELLED" } }]);
      await until(() => processor.seen.find((o) => o.segment.id === wanted.id)!.signal.aborted);
      open();
    });

    it("refuses what does not fit, and says when to come again", async () => {
      const answers = Array.from({ length: 80 }, (_, k) =>
        submit(client, segment(`${k}`, { deadline: Date.now() + 500 })),
      );
      const events = (await Promise.all(answers)).flat();
      const refused = events.filter((e) => e.type === "error" && e.error.code === "RESOURCE_EXHAUSTED");
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.every((e) => e.type === "error" && e.error.details!.retryAfterMs! > 0)).toBe(true);
    });
  });
}

export async function until(condition: () => boolean, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error("what was waited for did not happen");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
