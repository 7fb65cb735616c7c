import type { Logger } from "pino";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { CarouselError } from "../errors.js";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What Prometheus reads, and one log line a request. Labels never hold what a caller sends. */
export class Metrics {
  readonly registry = new Registry();
  private readonly requests: Counter;
  private readonly duration: Histogram;

  constructor(private readonly log: Logger) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.requests = new Counter({
      name: "carousel_requests_total",
      help: "Requests answered, by protocol, method and code",
      labelNames: ["protocol", "method", "code"],
      registers,
    });
    this.duration = new Histogram({
      name: "carousel_request_duration_seconds",
      help: "Time from a request to its answer",
      labelNames: ["protocol", "method"],
      buckets: SECONDS,
      registers,
    });
  }

  /** A number that is asked for when Prometheus asks. */
  gauge(name: string, help: string, read: () => Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read().catch(() => Number.NaN));
      },
    });
  }

  /** Begins a request; the function it returns ends it, with the error if there was one. */
  request(protocol: string, method: string, requestId: string): (error?: unknown) => void {
    const end = this.duration.startTimer({ protocol, method });
    return (error) => {
      const code = error === undefined ? "OK" : error instanceof CarouselError ? error.code : "INTERNAL";
      const seconds = end();
      this.requests.inc({ protocol, method, code });
      const fields = { requestId, protocol, method, code, milliseconds: Math.round(seconds * 1000) };
      if (code === "INTERNAL") this.log.error({ ...fields, err: error }, "request failed");
      else this.log.info(fields, "request");
    };
  }
}
