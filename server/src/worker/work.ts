import { CarouselError } from "../errors.js";
import type { Hypothesis, Priority, Segment, SegmentEvent, SegmentResult } from "../queue/port.js";
import { best, type Scored, Trace } from "./decoding.js";
import type { Prepared } from "./prepare.js";
import type { Advanced, NewSentence } from "./running-batch.js";
import type { Candidate } from "./scheduler.js";
import type { ServingModel } from "./serving-model.js";
import { uniformAt } from "./uniform.js";

export interface WorkOptions {
  readonly segment: Segment;
  readonly prepared: Prepared;
  readonly model: ServingModel;
  readonly emit: (event: SegmentEvent) => void;
}

/** One segment on its way through the decoder, from its ids to its last event. */
export class Work implements Candidate {
  private readonly segment: Segment;
  private readonly prepared: Prepared;
  private readonly model: ServingModel;
  private readonly emit: (event: SegmentEvent) => void;
  private readonly trace: Trace;
  private readonly seed: number;
  private readonly pieces: PieceStream | undefined;
  private over = false;

  constructor({ segment, prepared, model, emit }: WorkOptions) {
    this.segment = segment;
    this.prepared = prepared;
    this.model = model;
    this.emit = emit;
    this.seed = segment.options.seed ?? Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
    this.trace = new Trace({
      hypotheses: this.hypotheses,
      maxSteps: prepared.maxSteps,
      // a scored text ends where it ends
      eos: segment.task === "score" ? -1 : model.manifest.special.eos,
      attendTo: this.wantsAttention ? prepared.source.length : 0,
    });
    this.pieces = this.streams ? new PieceStream(model, prepared.forced) : undefined;
  }

  get modelName(): string {
    return this.model.manifest.name;
  }

  get priority(): Priority {
    return this.segment.priority;
  }

  get deadline(): number {
    return this.segment.deadline;
  }

  get beamSize(): number {
    return this.segment.task === "score" ? 1 : this.segment.options.beamSize;
  }

  get sourceLength(): number {
    return Math.max(1, this.prepared.source.length);
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Whether somebody waits for every token: with a beam nothing is certain before the end. */
  get streams(): boolean {
    return this.segment.stream && this.segment.task === "generate" && this.beamSize === 1;
  }

  get wantsAttention(): boolean {
    const { alignments, coveragePenalty = 0 } = this.segment.options;
    return alignments || coveragePenalty > 0;
  }

  /** Hypotheses that end the search. */
  private get hypotheses(): number {
    return Math.ceil(this.beamSize * (this.segment.options.patience ?? 1));
  }

  /** Steps until the search is complete at the latest. */
  get stepsLeft(): number {
    return this.prepared.maxSteps - this.trace.position;
  }

  /** Steps whose tokens are given. */
  get forcedLeft(): number {
    return Math.max(0, this.prepared.forced.length - this.trace.position);
  }

  sentence(): NewSentence {
    const { temperature, topK, topP, minLength, repetitionPenalty = 1, noRepeatNgram = 0 } = this.segment.options;
    const scores = this.segment.task === "score";
    const samples = !scores && this.beamSize === 1;
    return {
      source: this.prepared.source,
      beamSize: this.beamSize,
      minLength: this.prepared.skip + minLength,
      temperature: samples ? temperature : 0,
      topK,
      topP,
      hypotheses: this.hypotheses,
      suppressed: this.prepared.suppressed,
      repetitionPenalty: scores ? 1 : repetitionPenalty,
      noRepeatNgram: scores ? 0 : noRepeatNgram,
    };
  }

  /** The token given for the step that is `ahead` of where the search stands, −1 for free choice. */
  forcedAt(ahead: number): number {
    return this.prepared.forced[this.trace.position + ahead] ?? -1;
  }

  uniformAt(ahead: number): number {
    return uniformAt(this.seed, this.trace.position + ahead - this.prepared.skip);
  }

  /** Takes what a run of the decoder chose for it, as sentence n of the batch. */
  accept(run: Advanced, n: number): void {
    if (this.over) return;
    const before = this.trace.position;
    this.trace.record(run, n);
    for (let step = Math.max(before, this.prepared.skip); step < this.trace.position; step++) {
      this.say(this.pieces?.push(this.trace.tokenAt(step)));
    }
    if (this.trace.isComplete) this.finish();
  }

  /** Ends it with an error, unless it has ended. */
  fail(error: CarouselError): void {
    const { code, message, details } = error;
    this.end({ id: this.segment.id, type: "error", error: { code, message, details } });
  }

  private say(text: string | undefined): void {
    if (text) this.emit({ id: this.segment.id, type: "piece", index: this.pieces!.nextIndex(), text });
  }

  private finish(): void {
    this.say(this.pieces?.end());
    const { nBest, lengthPenalty, coveragePenalty = 0 } = this.segment.options;
    const paths = this.trace.paths(this.prepared.skip);
    const most = this.segment.task === "score" ? 1 : nBest;
    const scored = best(paths, { nBest: most, alpha: lengthPenalty, beta: coveragePenalty });
    if (scored.length === 0) this.fail(nothingLeft());
    else this.end({ id: this.segment.id, type: "result", result: this.resultOf(scored) });
  }

  private resultOf(scored: readonly Scored[]): SegmentResult {
    return {
      hypotheses: scored.map((s) => this.hypothesis(s)),
      modelVersion: this.model.manifest.version,
      sourceTokens: this.prepared.source.length || this.prepared.skip,
      ...(this.wantsAttention && this.model.source
        ? { sourcePieces: this.prepared.source.map((id) => this.model.source!.piece(id)) }
        : {}),
    };
  }

  private hypothesis({ path, logProbability, score }: Scored): Hypothesis {
    const { target } = this.model;
    return {
      text: continuation(this.model, this.prepared.forced.slice(0, this.prepared.skip), path.tokens),
      score,
      logProbability,
      tokens: path.tokens.map((id, t) => ({ piece: target.piece(id), logProbability: path.logProbabilities[t]! })),
      finishReason: this.segment.task === "score" ? "end" : path.finishReason,
      ...(path.attention ? { alignment: path.attention } : {}),
    };
  }

  private end(event: SegmentEvent): void {
    if (this.over) return;
    this.over = true;
    this.emit(event);
  }
}

function nothingLeft(): CarouselError {
  return new CarouselError("INVALID_ARGUMENT", "the request's options leave no token to choose at some step");
}

/** The text that tokens add to a prompt. */
function continuation({ target }: ServingModel, prompt: readonly number[], tokens: readonly number[]): string {
  return target.decode([...prompt, ...tokens]).slice(target.decode(prompt).length);
}

/** Text of a growing continuation, as far as it is certain. */
class PieceStream {
  private readonly decoder: ReturnType<ServingModel["target"]["streamDecoder"]>;
  private pieces = 0;

  constructor({ target }: ServingModel, prompt: readonly number[]) {
    this.decoder = target.streamDecoder();
    for (const id of prompt) this.decoder.push(id);
    this.decoder.end(); // nothing of the prompt is to be said
  }

  push(id: number): string {
    return this.decoder.push(id);
  }

  end(): string {
    return this.decoder.end();
  }

  nextIndex(): number {
    return this.pieces++;
  }
}
