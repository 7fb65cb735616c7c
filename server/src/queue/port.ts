import type { KnownWords, WordFilter } from "@carousel/bundle";
import type { ErrorCode, ErrorDetails } from "../errors.js";
import type { Share } from "./share.js";

export type Priority = "interactive" | "normal" | "batch";

/** What a request may ask of the search; parsed once at the edge, valid by construction. */
export interface SearchOptions {
  /** 1 (greedy) to 16. */
  readonly beamSize: number;
  /** Hypotheses returned, 1 to beamSize. */
  readonly nBest: number;
  /** Most target tokens; the model's own limit when absent. */
  readonly maxLength?: number;
  readonly minLength: number;
  /** GNMT's α; 0 switches length normalization off. Absent: the bundle's own, or 1. */
  readonly lengthPenalty?: number;
  /** 0: search. > 0: sampling, with beamSize 1. */
  readonly temperature: number;
  /** 0: the whole vocabulary. */
  readonly topK: number;
  /** In (0, 1]. */
  readonly topP: number;
  readonly seed?: number;
  readonly alignments: boolean;
  /** GNMT's β: what source tokens that were not looked at cost a hypothesis. Absent: 0. */
  readonly coveragePenalty?: number;
  /** The search ends with beamSize × patience hypotheses, at least 1 (Kasai et al. 2022). Absent: 1. */
  readonly patience?: number;
  /** Pieces of the target vocabulary, or texts of one piece, that are never chosen. */
  readonly suppress?: readonly string[];
  /** Multiplies the log-probability of a token that was chosen before. Absent: 1. */
  readonly repetitionPenalty?: number;
  /** No sequence of so many tokens comes twice. Absent: 0, no guard. */
  readonly noRepeatNgram?: number;
  /** Every token of the vocabulary may be chosen, whatever the model's shortlist says. */
  readonly shortlist?: "off";
  /** What repeats itself is not decoded again with a guard, and ends as the model ends it. */
  readonly loops?: "allowed";
  /** generate only: the text ends before the first of these. */
  readonly stop?: readonly string[];
}

/** The likeliest token at every step, which is no search. */
export const GREEDY: SearchOptions = {
  beamSize: 1,
  nBest: 1,
  minLength: 0,
  lengthPenalty: 0,
  temperature: 0,
  topK: 0,
  topP: 1,
  alignments: false,
};

/** One unit of work: a segment of a text to translate, a prompt to continue, or a text to score. */
export interface Segment {
  /** Unique among all segments ever queued. */
  readonly id: string;
  readonly task: "translate" | "generate" | "score";
  /** Name of the bundle, and the version that the request was given. */
  readonly model: string;
  readonly modelVersion: string;
  /** Source sentence, prompt, or text to score. */
  readonly text: string;
  /** score: the target whose log-probability is wanted, given `text` as the source. translate: what the answer begins with. */
  readonly target?: string;
  readonly options: SearchOptions;
  readonly priority: Priority;
  /** Whose it is; absent: ANONYMOUS. */
  readonly share?: Share;
  /** Milliseconds since the epoch, after which nobody wants the answer; NEVER: it is wanted for ever. */
  readonly deadline: number;
  /** generate only: send pieces as they come. */
  readonly stream: boolean;
  /** W3C traceparent or request id, for logs. */
  readonly requestId?: string;
}

/** The last date there is. */
export const NEVER = 8.64e15;

/** end: the model's own. length: the most tokens allowed. stop: a stop sequence came. loop: it repeated itself. */
export type FinishReason = "end" | "length" | "stop" | "loop";

export interface Hypothesis {
  readonly text: string;
  /** Sum of the tokens' natural log-probabilities ÷ length penalty. */
  readonly score: number;
  /** Sum of the tokens' natural log-probabilities. */
  readonly logProbability: number;
  readonly tokens: readonly { readonly piece: string; readonly logProbability: number }[];
  readonly finishReason: FinishReason;
  /** [target token][source token] attention weights, when asked for. */
  readonly alignment?: readonly (readonly number[])[];
  /** The source token that a token looked at most, [source, token] by index, when asked for; eos has none. */
  readonly links?: readonly (readonly [number, number])[];
  /** Share of the source's tokens that hardly any attention went to, 0 to 1; absent where a model does not attend. */
  readonly omission?: number;
  /** Share of the attention that went to source tokens beyond what one usually gets, 0 to 1. */
  readonly repetition?: number;
  /** Expected quality, 0 to 1, when the model is calibrated. */
  readonly confidence?: number;
}

export interface SegmentResult {
  /** Best first. */
  readonly hypotheses: readonly Hypothesis[];
  readonly modelVersion: string;
  readonly sourceTokens: number;
  /** Pieces of the source with its eos, one for each column of an alignment; with alignments only. */
  readonly sourcePieces?: readonly string[];
  /** It went into a loop and was decoded again with a guard against repetition. */
  readonly guarded?: true;
}

/**
 * The reason (ErrorDetails) of an UNAVAILABLE segment whose version is served no more: nothing was said of it yet, and
 * another version of the model may take it.
 */
export const MODEL_GONE = "MODEL_GONE";

/** The reason of an INVALID_ARGUMENT segment whose source has more tokens than its model takes: in pieces it may fit. */
export const SOURCE_TOO_LONG = "SOURCE_TOO_LONG";

export interface SegmentFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: ErrorDetails;
}

/** What a worker says of a segment: any number of pieces, then exactly one result or error. */
export type SegmentEvent =
  | { readonly id: string; readonly type: "piece"; readonly index: number; readonly text: string }
  | { readonly id: string; readonly type: "result"; readonly result: SegmentResult }
  | { readonly id: string; readonly type: "error"; readonly error: SegmentFailure };

/** What a worker serves, published so that gateways can answer ListModels without a model of their own. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  readonly task: "translation" | "generation";
  readonly sourceLanguage?: string;
  readonly targetLanguage: string;
  /** Tokens. */
  readonly sourceLimit: number;
  readonly targetLimit: number;
  /** 16 hexadecimal digits: two bundles of one version may differ in their manifests, in calibration for one. */
  readonly manifestHash?: string;
  /** Its bundle says which words it has seen in training: QueueClient.knownWords. */
  readonly hasWords?: true;
}

/** A folder whose bundle a worker does not serve, and why. */
export interface RefusedBundle {
  readonly folder: string;
  readonly reason: string;
}

/** What a worker says of itself. */
export interface WorkerState {
  readonly models: readonly ServedModel[];
  /** Those that it would serve if they were whole. */
  readonly refused: readonly RefusedBundle[];
  /** Up to where it has done what was decided about models (deployment/deployments.ts). */
  readonly revision: number;
  /** Segments that it takes at once: as many as it works on, and as many again. */
  readonly capacity: number;
}

/** A request whose texts are going to be cut into segments. */
export interface Arrival extends Pick<Segment, "options" | "priority" | "share" | "deadline" | "requestId"> {
  /** Of all texts together. */
  readonly characters: number;
}

/** What a request holds of the queue while it is cut. */
export interface Place {
  /** Keeps room for so many segments, all in all. @throws CarouselError RESOURCE_EXHAUSTED when there is none */
  need(segments: number): void;
  /** Its segments are queued, or never will be. */
  leave(): void;
}

/** The gateway's end of the queue. */
export interface QueueClient {
  /** Segments that may be on their way at once: of a call with more there is never room for all. */
  readonly maxQueued: number;
  /**
   * Lets a request in before it is cut: those who come meanwhile count it, and its segments are not refused, as many as
   * there is room kept for. Nothing is kept for one without a requestId.
   * @throws CarouselError: what its segments would be answered with
   */
  enter(arrival: Arrival): Place;
  /**
   * Queues one segment and reports its events in order, the last one exactly once; duplicates are dropped.
   * Segments of concurrent calls may travel as one job. When the deadline passes the driver itself emits
   * DEADLINE_EXCEEDED; when `signal` aborts it emits CANCELLED, tells the worker, and drops what comes later.
   * A full queue emits RESOURCE_EXHAUSTED with retryAfterMs; an unreachable queue UNAVAILABLE.
   */
  submit(segment: Segment, onEvent: (event: SegmentEvent) => void, signal?: AbortSignal): void;
  /** Models that live workers serve, each version once; those that more workers serve come first. Half a second old at most, or of now. */
  models(freshness?: "now"): Promise<readonly ServedModel[]>;
  /** The words that a model has seen in training; undefined where its bundle does not say, or nobody answers. Never rejects. */
  knownWords(model: ServedModel): Promise<KnownWords | undefined>;
  /** The workers that live. */
  workers(): Promise<readonly WorkerState[]>;
  /** Resolves when the queue can be reached; otherwise rejects with UNAVAILABLE. */
  ready(): Promise<void>;
  /** Segments waiting (not yet taken by a worker). */
  depth(): Promise<number>;
  /** Segments put aside because they killed workers. */
  quarantined(): Promise<number>;
  /** Waits for nothing: callers drain first. */
  close(): Promise<void>;
}

/** What the queue asks of a worker; server/src/worker/engine.ts implements it. */
export interface SegmentProcessor {
  /**
   * Works on segments until each has had its last event. Never rejects: a failure is an event.
   * Aborting a segment's signal frees its place in the batch within one run of the decoder.
   */
  process(
    segments: readonly { readonly segment: Segment; readonly signal: AbortSignal }[],
    onEvent: (event: SegmentEvent) => void,
  ): Promise<void>;
  /** These may change while it works: see QueueWorker.announce. */
  readonly models: readonly ServedModel[];
  /** The words that one of them has seen in training, where its bundle says so. Absent: none does. */
  words?(model: ServedModel): WordFilter | undefined;
  /** Absent: none, and 0. */
  readonly refused?: readonly RefusedBundle[];
  readonly revision?: number;
  /** Segments it can usefully hold at once. */
  readonly capacity: number;
}

/** The worker's end of the queue: takes segments while there is room, at least once each. */
export interface QueueWorker {
  start(processor: SegmentProcessor): Promise<void>;
  /**
   * To be called when the processor's models have changed: gateways learn it, and segments of new ones come. Resolves when
   * hardly any segment will come of those that are served no more; what comes late must be answered with MODEL_GONE.
   */
  announce(): Promise<void>;
  /** Takes no more, finishes what it holds (at most `graceMs` milliseconds), releases its connections. */
  close(graceMs: number): Promise<void>;
}

export function stateOf({ models, refused = [], revision = 0, capacity }: SegmentProcessor): WorkerState {
  return { models, refused, revision, capacity };
}
