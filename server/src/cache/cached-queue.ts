import { createHash } from "node:crypto";
import type { Arrival, Place, QueueClient, Segment, SegmentEvent, SegmentResult, ServedModel } from "../queue/port.js";
import { within } from "../within.js";
import type { ResultCache } from "./result-cache.js";

/** A cache that does not answer within so many milliseconds has nothing. */
const PATIENCE_MS = 100;

export type Lookup = "hit" | "miss" | "error";

/** What says nothing of a segment's result. All else that a segment has, now or later, is part of its key. */
const BESIDE_THE_POINT = new Set(["id", "priority", "deadline", "stream", "requestId", "share"]);

/**
 * A queue whose results are kept: a segment that was answered before, by the same version of a model and with the same
 * options, is answered with the same result, and meets neither admission nor a worker. Texts drawn without a seed, and
 * streams, are not kept.
 */
export class CachedQueue implements QueueClient {
  constructor(
    private readonly queue: QueueClient,
    private readonly options: { readonly cache: ResultCache; readonly onLookup: (lookup: Lookup) => void },
  ) {}

  get maxQueued(): number {
    return this.queue.maxQueued;
  }

  /** What is known already needs no place; what is not is refused when its segments come. */
  enter(arrival: Arrival): Place {
    return isKept({ ...arrival, stream: false }) ? { need() {}, leave() {} } : this.queue.enter(arrival);
  }

  submit(segment: Segment, onEvent: (event: SegmentEvent) => void, signal?: AbortSignal): void {
    if (isKept(segment)) void this.answer(segment, onEvent, signal);
    else this.queue.submit(segment, onEvent, signal);
  }

  models(freshness?: "now") {
    return this.queue.models(freshness);
  }

  knownWords(model: ServedModel) {
    return this.queue.knownWords(model);
  }

  workers() {
    return this.queue.workers();
  }

  ready() {
    return this.queue.ready();
  }

  depth() {
    return this.queue.depth();
  }

  quarantined() {
    return this.queue.quarantined();
  }

  async close(): Promise<void> {
    await this.queue.close();
    await this.options.cache.close();
  }

  private async answer(segment: Segment, onEvent: (event: SegmentEvent) => void, signal?: AbortSignal): Promise<void> {
    const { id, modelVersion } = segment;
    const key = await this.keyOf(segment).catch(() => undefined);
    const known = key && (await this.lookUp(key));
    if (known && known.modelVersion === modelVersion && !signal?.aborted) {
      onEvent({ id, type: "result", result: known });
      return;
    }
    const keep = (event: SegmentEvent) => {
      if (key && event.type === "result" && event.result.modelVersion === modelVersion) {
        void this.options.cache.set(key, event.result).catch(() => {});
      }
      onEvent(event);
    };
    this.queue.submit(segment, keep, signal);
  }

  private async lookUp(key: string): Promise<SegmentResult | undefined> {
    const { cache, onLookup } = this.options;
    try {
      const known = await within(PATIENCE_MS, cache.get(key));
      onLookup(known ? "hit" : "miss");
      return known;
    } catch {
      onLookup("error");
      return undefined;
    }
  }

  /** None where the version is not served: whoever asked must hear it. */
  private async keyOf(segment: Segment): Promise<string | undefined> {
    const models = await this.queue.models();
    const model = models.find(({ name, version }) => name === segment.model && version === segment.modelVersion);
    return model && keyOf(segment, model.manifestHash ?? "");
  }
}

function isKept({ stream, options: { temperature, seed } }: Pick<Segment, "stream" | "options">): boolean {
  return !stream && (temperature === 0 || seed !== undefined);
}

/** @param manifestHash a bundle's version says nothing of its manifest, in which limits and calibration are */
export function keyOf(segment: Segment, manifestHash: string): string {
  const point = Object.entries(segment).filter(([field]) => !BESIDE_THE_POINT.has(field));
  return createHash("sha256")
    .update(canonical([manifestHash, Object.fromEntries(point)]))
    .digest("base64url");
}

/** JSON with the fields of objects in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v) =>
    v && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}
