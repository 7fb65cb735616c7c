import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { SegmentEvent, SegmentProcessor } from "../queue/port.js";

const SENTENCES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** What Prometheus reads of a worker's engine. Tokens a second are the rate of a counter. */
export class WorkerMetrics {
  private readonly inHand: Gauge;
  private readonly segments: Counter;
  private readonly tokens: Counter;
  private readonly batches: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.inHand = new Gauge({ name: "carousel_worker_segments", help: "Segments that the worker holds", registers });
    this.segments = new Counter({
      name: "carousel_worker_segments_total",
      help: "Segments ended, by code",
      labelNames: ["code"],
      registers,
    });
    this.tokens = new Counter({
      name: "carousel_worker_tokens_total",
      help: "Tokens of sources, and of the best hypotheses",
      labelNames: ["side"],
      registers,
    });
    this.batches = new Histogram({
      name: "carousel_worker_batch_sentences",
      help: "Sentences in a run of the decoder",
      buckets: SENTENCES,
      registers,
    });
  }

  /** The decoder runs once, over so many sentences. */
  run(sentences: number): void {
    this.batches.observe(sentences);
  }

  /** The same processor, and what goes through it is counted. */
  watch(processor: SegmentProcessor): SegmentProcessor {
    const { segments: counted, inHand } = this;
    return {
      process: (segments, onEvent) => {
        inHand.inc(segments.length);
        return processor.process(segments, (event) => {
          if (event.type !== "piece") {
            inHand.dec();
            counted.inc({ code: event.type === "result" ? "OK" : event.error.code });
          }
          if (event.type === "result") this.count(event);
          onEvent(event);
        });
      },
      words: (model) => processor.words?.(model),
      get models() {
        return processor.models;
      },
      get refused() {
        return processor.refused ?? [];
      },
      get revision() {
        return processor.revision ?? 0;
      },
      get capacity() {
        return processor.capacity;
      },
    };
  }

  private count({ result }: Extract<SegmentEvent, { type: "result" }>): void {
    this.tokens.inc({ side: "source" }, result.sourceTokens);
    this.tokens.inc({ side: "target" }, result.hypotheses[0]?.tokens.length ?? 0);
  }
}
