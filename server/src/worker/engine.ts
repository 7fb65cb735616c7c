import type { WordFilter } from "@carousel/bundle";
import { CarouselError } from "../errors.js";
import type {
  Segment,
  SegmentEvent,
  SegmentFailure,
  SegmentProcessor,
  SegmentResult,
  ServedModel,
} from "../queue/port.js";
import type { Executor } from "./executor.js";
import { Lane } from "./lane.js";
import { asGuarded, guarded } from "./loop-guard.js";
import { type Prepared, prepare } from "./prepare.js";
import type { SchedulerOptions } from "./scheduler.js";
import { type ServingModel, servedModel } from "./serving-model.js";
import { Work } from "./work.js";

export interface EngineParts extends SchedulerOptions {
  readonly models: readonly ServingModel[];
  readonly onRun?: (sentences: number) => void;
  /** Each runs one decoder at a time. */
  readonly executors: readonly Executor[];
}

interface Order {
  readonly segment: Segment;
  readonly signal: AbortSignal;
}

/** Decodes segments in continuously changing batches. */
export class Engine implements SegmentProcessor {
  readonly models: readonly ServedModel[];
  readonly capacity: number;
  private readonly byName: ReadonlyMap<string, ServingModel>;
  private readonly desks: readonly Desk[];

  constructor(private readonly parts: EngineParts) {
    this.models = parts.models.map(servedModel);
    this.byName = new Map(parts.models.map((model) => [model.manifest.name, model]));
    this.desks = parts.executors.map((executor) => new Desk(executor, parts));
    // as many again wait as are in work, so that a place that becomes free is filled at once
    this.capacity = 2 * parts.maxSentences * parts.executors.length;
  }

  /** A segment is turned into ids, waits at a desk, is decoded with others, and is turned into text again. */
  async process(orders: readonly Order[], onEvent: (event: SegmentEvent) => void): Promise<void> {
    await Promise.all(orders.map((order) => this.processOne(order, onEvent)));
  }

  words({ name }: ServedModel): WordFilter | undefined {
    return this.byName.get(name)?.words;
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.executors.map((executor) => executor.close()));
  }

  private processOne({ segment, signal }: Order, onEvent: (event: SegmentEvent) => void): Promise<void> {
    return new Promise((resolve) => {
      let work: Work | undefined;
      const cancel = () => work?.fail(new CarouselError("CANCELLED", "nobody waits for the answer any more"));
      const finish = (event: SegmentEvent) => {
        onEvent(event);
        if (event.type === "piece") return;
        signal.removeEventListener("abort", cancel);
        resolve();
      };
      const begin = (wanted: Segment, emit: (event: SegmentEvent) => void) => {
        work = this.accept(wanted, emit);
        if (!work) return;
        if (signal.aborted) cancel();
        else this.leastLoaded().add(work);
      };
      signal.addEventListener("abort", cancel);
      begin(segment, (event) => {
        const again = work && guarded(segment, event, work.manifest);
        if (again) begin(again, (second) => finish(asGuarded(second)));
        else finish(event);
      });
    });
  }

  /** The work a segment means; none when it is answered already, by an error or because there is nothing to decode. */
  private accept(segment: Segment, emit: (event: SegmentEvent) => void): Work | undefined {
    const { id } = segment;
    try {
      const model = this.byName.get(segment.model);
      if (!model) throw this.unknownModel(segment.model);
      const prepared = prepare(segment, model);
      if (!isEmpty(prepared)) return new Work({ segment, prepared, model, emit });
      emit({ id, type: "result", result: emptyResult(model) });
    } catch (error) {
      emit({ id, type: "error", error: failureOf(error) });
    }
    return undefined;
  }

  private unknownModel(name: string): CarouselError {
    const served = this.models.map((m) => m.name).join(", ") || "none";
    return new CarouselError("NOT_FOUND", `there is no model ${name}; served here: ${served}`);
  }

  private leastLoaded(): Desk {
    return this.desks.reduce((a, b) => (b.load < a.load ? b : a));
  }
}

/** The running batches of one executor: one for each model and size of beam. */
class Desk {
  private readonly lanes = new Map<string, Lane>();

  constructor(
    private readonly executor: Executor,
    private readonly parts: EngineParts,
  ) {}

  /** Segments waiting and running. */
  get load(): number {
    return [...this.lanes.values()].reduce((total, lane) => total + lane.load, 0);
  }

  add(work: Work): void {
    const model = work.modelName;
    const batch = beamClass(work.beamSize);
    const key = `${model}/${batch}`;
    let lane = this.lanes.get(key);
    if (!lane) {
      const { executor, parts } = this;
      lane = new Lane({ ...parts, executor, name: { model, batch } });
      this.lanes.set(key, lane);
    }
    lane.add(work);
  }
}

/** Every sentence has the rows of the largest beam in its batch: searches of unlike width do not share one. */
function beamClass(beamSize: number): string {
  if (beamSize === 1) return "greedy";
  return beamSize <= 6 ? "beam" : "wide";
}

function isEmpty({ source, forced, maxSteps }: Prepared): boolean {
  const nothingToTranslate = source.length === 1 && forced.length === 0;
  return nothingToTranslate || maxSteps === 0;
}

function emptyResult({ manifest }: ServingModel): SegmentResult {
  const nothing = { text: "", score: 0, logProbability: 0, tokens: [], finishReason: "end" } as const;
  return { hypotheses: [nothing], modelVersion: manifest.version, sourceTokens: 0 };
}

function failureOf(error: unknown): SegmentFailure {
  if (error instanceof CarouselError) return { code: error.code, message: error.message, details: error.details };
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}
