import type { Logger } from "pino";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { CarouselError } from "../errors.js";
import type { ServedModel } from "../queue/port.js";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A request that has come. */
export interface BegunRequest {
  readonly protocol: "grpc" | "http";
  readonly method: string;
  readonly requestId: string;
  /** The name that the caller's API key has in the gateway's list; absent where it is not known. */
  readonly client?: string | undefined;
}

/** What Prometheus reads, and one log line a request. Labels never hold what a caller sends. */
export class Metrics {
  readonly registry = new Registry();
  private readonly requests: Counter;
  private readonly duration: Histogram;
  private readonly calls: Counter;
  private readonly changes: Counter;
  private readonly lookups: Counter;

  constructor(private readonly log: Logger) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.requests = new Counter({
      name: "carousel_requests_total",
      help: "Requests answered, by protocol, method, code and the name that an API key has in the gateway's list",
      labelNames: ["protocol", "method", "code", "client"],
      registers,
    });
    this.duration = new Histogram({
      name: "carousel_request_duration_seconds",
      help: "Time from a request to its answer",
      labelNames: ["protocol", "method"],
      buckets: SECONDS,
      registers,
    });
    this.calls = new Counter({
      name: "carousel_model_calls_total",
      help: "Calls that a version of a model was chosen for, by the code of the answer",
      labelNames: ["model", "version", "code"],
      registers,
    });
    this.changes = new Counter({
      name: "carousel_model_changes_total",
      help: "Bundles loaded, unloaded and refused",
      labelNames: ["change"],
      registers,
    });
    this.lookups = new Counter({
      name: "carousel_cache_lookups_total",
      help: "Segments looked up in the result cache",
      labelNames: ["outcome"],
      registers,
    });
  }

  cacheLookedUp(outcome: "hit" | "miss" | "error"): void {
    this.lookups.inc({ outcome });
  }

  modelCalled({ name, version }: ServedModel, error?: unknown): void {
    this.calls.inc({ model: name, version, code: codeOf(error) });
  }

  modelChanged(change: "loaded" | "unloaded" | "refused"): void {
    this.changes.inc({ change });
  }

  /** One line for each version that this process serves. */
  modelsServed(read: () => readonly ServedModel[]): void {
    new Gauge({
      name: "carousel_models",
      help: "1 for each version of a model that is served",
      labelNames: ["model", "version"],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { name, version } of read()) this.set({ model: name, version }, 1);
      },
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
  request({ protocol, method, requestId, client = "unknown" }: BegunRequest): (error?: unknown) => void {
    const end = this.duration.startTimer({ protocol, method });
    return (error) => {
      const code = codeOf(error);
      const seconds = end();
      this.requests.inc({ protocol, method, code, client });
      const fields = { requestId, protocol, method, client, code, milliseconds: Math.round(seconds * 1000) };
      if (code === "INTERNAL") this.log.error({ ...fields, err: error }, "request failed");
      else this.log.info(fields, "request");
    };
  }
}

function codeOf(error: unknown): string {
  if (error === undefined) return "OK";
  return error instanceof CarouselError ? error.code : "INTERNAL";
}
