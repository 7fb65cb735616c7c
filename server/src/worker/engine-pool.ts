import type { WordFilter } from "@carousel/bundle";
import {
  MODEL_GONE,
  type RefusedBundle,
  type Segment,
  type SegmentEvent,
  type SegmentProcessor,
  type ServedModel,
} from "../queue/port.js";
import type { Engine } from "./engine.js";

type Orders = Parameters<SegmentProcessor["process"]>[0];

/** An engine of one bundle, and what it works on. */
export class PooledEngine {
  readonly model: ServedModel;
  private working = 0;
  private atRest: () => void = () => {};

  constructor(private readonly engine: Engine) {
    this.model = engine.models[0]!;
  }

  get capacity(): number {
    return this.engine.capacity;
  }

  get words(): WordFilter | undefined {
    return this.engine.words(this.model);
  }

  has({ name, version }: Pick<ServedModel, "name" | "version">): boolean {
    return this.model.name === name && this.model.version === version;
  }

  async process(orders: Orders, onEvent: (event: SegmentEvent) => void): Promise<void> {
    this.working++;
    await this.engine.process(orders, onEvent);
    this.working--;
    if (this.working === 0) this.atRest();
  }

  /** Ends its threads when what it works on is done; nothing new must come. */
  async end(): Promise<void> {
    if (this.working > 0) {
      await new Promise<void>((resolve) => {
        this.atRest = resolve;
      });
    }
    await this.engine.close();
  }
}

/** An engine for each bundle; engines come and go while it works. */
export class EnginePool implements SegmentProcessor {
  /** Bundles that are not served although they should be. */
  refused: readonly RefusedBundle[] = [];
  /** Up to where it has done what was decided. */
  revision = 0;
  private serving: readonly PooledEngine[] = [];
  private leaving: readonly PooledEngine[] = [];

  get models(): readonly ServedModel[] {
    return this.serving.map(({ model }) => model);
  }

  /** That of one engine: engines share the cores. */
  get capacity(): number {
    return Math.max(1, ...this.serving.map(({ capacity }) => capacity));
  }

  words(model: ServedModel): WordFilter | undefined {
    return this.engineFor(model)?.words;
  }

  /** From now on these are served. The others still take what comes for them, until they are dropped. @returns the others */
  serve(engines: readonly PooledEngine[]): readonly PooledEngine[] {
    const others = this.serving.filter((engine) => !engines.includes(engine));
    this.leaving = [...this.leaving, ...others];
    this.serving = engines;
    return others;
  }

  /** Nothing more is given to it. */
  drop(engine: PooledEngine): void {
    this.leaving = this.leaving.filter((other) => other !== engine);
  }

  async process(orders: Orders, onEvent: (event: SegmentEvent) => void): Promise<void> {
    const shares = new Map<PooledEngine, Orders[number][]>();
    for (const order of orders) {
      const { model: name, modelVersion: version } = order.segment;
      const engine = this.engineFor({ name, version });
      if (engine) shares.set(engine, [...(shares.get(engine) ?? []), order]);
      else onEvent(goneEvent(order.segment));
    }
    await Promise.all(Array.from(shares, ([engine, share]) => engine.process(share, onEvent)));
  }

  /** Ends all engines at once. */
  async close(): Promise<void> {
    await Promise.all([...this.serving, ...this.leaving].map((engine) => engine.end()));
  }

  private engineFor(model: Pick<ServedModel, "name" | "version">): PooledEngine | undefined {
    return [...this.serving, ...this.leaving].find((engine) => engine.has(model));
  }
}

function goneEvent({ id, model, modelVersion }: Segment): SegmentEvent {
  const message = `version ${modelVersion} of ${model} is served here no more`;
  return { id, type: "error", error: { code: "UNAVAILABLE", message, details: { reason: MODEL_GONE } } };
}
