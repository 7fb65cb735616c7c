import { randomUUID } from "node:crypto";
import { WordFilter } from "@carousel/bundle";
import {
  GREEDY,
  type QueueClient,
  type Segment,
  type SegmentEvent,
  type SegmentProcessor,
  type ServedModel,
} from "../port.js";

export const MODEL: ServedModel = {
  name: "upper",
  version: "0123456789abcdef",
  task: "translation",
  sourceLanguage: "en",
  targetLanguage: "en",
  sourceLimit: 100,
  targetLimit: 100,
  hasWords: true,
};

const WORDS = WordFilter.of(["Tom", "Mary"]);

type Order = Parameters<SegmentProcessor["process"]>[0][number];

/** A processor that answers with the text in capitals; the test can look at it and hold it up. */
export class Capitals implements SegmentProcessor {
  readonly seen: Order[] = [];
  gate: Promise<void> = Promise.resolve();

  constructor(readonly capacity = 64) {}

  get models(): readonly ServedModel[] {
    return [MODEL];
  }

  words({ name }: ServedModel): WordFilter | undefined {
    return name === MODEL.name ? WORDS : undefined;
  }

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
    model: MODEL.name,
    modelVersion: MODEL.version,
    text,
    options: GREEDY,
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

export async function until(condition: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("what was waited for did not happen");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
