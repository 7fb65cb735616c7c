import type { Manifest } from "@carousel/bundle";
import { CarouselError } from "../errors.js";
import type { FinishReason, Hypothesis, Priority, Segment, SegmentEvent, SegmentResult } from "../queue/port.js";
import { candidatesOf } from "./candidates.js";
import { confidence, confidenceFeatures } from "./confidence.js";
import { type Attention, coverage, links, rowsOf } from "./coverage.js";
import { canGuard, mindsLoops } from "./loop-guard.js";
import { isLoop } from "./loops.js";
import type { Prepared } from "./prepare.js";
import { best, type Scored } from "./ranking.js";
import type { Advanced, NewSentence } from "./running-batch.js";
import type { Candidate } from "./scheduler.js";
import type { ServingModel } from "./serving-model.js";
import { StopWatch } from "./stop-watch.js";
import { type Path, Trace } from "./trace.js";
import { seedOf, uniformAt } from "./uniform.js";

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
  private readonly stops: StopWatch | undefined;
  private over = false;

  constructor({ segment, prepared, model, emit }: WorkOptions) {
    this.segment = segment;
    this.prepared = prepared;
    this.model = model;
    this.emit = emit;
    this.seed = segment.options.seed ?? seedOf(segment.id);
    this.trace = new Trace({
      hypotheses: this.hypotheses,
      maxSteps: prepared.maxSteps,
      // a scored text ends where it ends
      eos: segment.task === "score" ? -1 : model.manifest.special.eos,
      attendTo: this.wantsAttention ? prepared.source.length : 0,
    });
    const { stop = [] } = segment.options;
    this.stops = segment.task === "generate" && stop.length > 0 ? new StopWatch(stop) : undefined;
    this.pieces = this.streams || this.stops ? new PieceStream(model, prepared.forced) : undefined;
  }

  get manifest(): Manifest {
    return this.model.manifest;
  }

  get modelName(): string {
    return this.manifest.name;
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

  /** Every translation, found or given, says what was left out and what was said twice. */
  get wantsAttention(): boolean {
    return this.segment.task !== "generate" && this.prepared.source.length > 0;
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
    const { lexicon } = this.model;
    const listed = lexicon && !scores && this.segment.options.shortlist !== "off";
    return {
      source: this.prepared.source,
      ...(listed ? { candidates: candidatesOf(lexicon, this.prepared) } : {}),
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
      this.hear(this.pieces?.push(this.trace.tokenAt(step)));
      if (this.stops?.stopped) this.trace.cutTo(step + 1);
    }
    if (this.trace.isComplete || this.loops()) this.finish();
  }

  /** Whether a greedy or drawn translation repeats itself, and will be decoded again whatever comes of it. */
  private loops(): boolean {
    if (this.beamSize > 1 || !canGuard(this.segment, this.manifest)) return false;
    return isLoop(this.trace.firstTokens, this.prepared.source);
  }

  /** Ends it with an error, unless it has ended. */
  fail(error: CarouselError): void {
    const { code, message, details } = error;
    this.end({ id: this.segment.id, type: "error", error: { code, message, details } });
  }

  private hear(text: string | undefined): void {
    this.say(text && this.stops ? this.stops.push(text) : text);
  }

  private say(text: string | undefined): void {
    if (!text || !this.streams) return;
    this.emit({ id: this.segment.id, type: "piece", index: this.pieces!.nextIndex(), text });
  }

  private finish(): void {
    this.hear(this.pieces?.end());
    this.say(this.stops?.rest());
    const { nBest, lengthPenalty = this.ownLengthPenalty, coveragePenalty = 0 } = this.segment.options;
    const { skip } = this.prepared;
    const most = this.segment.task === "score" ? 1 : nBest;
    const scored = best(this.trace, { skip, nBest: most, alpha: lengthPenalty, beta: coveragePenalty });
    if (scored.length === 0) this.fail(this.nothingLeft());
    else this.end({ id: this.segment.id, type: "result", result: this.resultOf(scored) });
  }

  /** A step at which no token could be chosen: the request forbade all, or what the network gives is no number. */
  private nothingLeft(): CarouselError {
    const { suppress = [], noRepeatNgram = 0 } = this.segment.options;
    if (suppress.length === 0 && noRepeatNgram === 0) {
      return new CarouselError("INTERNAL", `${this.modelName} gives logits that are no numbers`);
    }
    const description = "leave no token to choose at some step";
    return new CarouselError("INVALID_ARGUMENT", `the request's options ${description}`, {
      violations: [{ field: "options", description }],
    });
  }

  private get ownLengthPenalty(): number {
    const { manifest } = this.model;
    return (manifest.task === "translation" ? manifest.search?.lengthPenalty : undefined) ?? 1;
  }

  private resultOf(scored: readonly Scored[]): SegmentResult {
    return {
      hypotheses: scored.map((s) => this.hypothesis(s)),
      modelVersion: this.model.manifest.version,
      sourceTokens: this.prepared.source.length || this.prepared.skip,
      ...(this.segment.options.alignments && this.model.source ? { sourcePieces: this.sourcePieces() } : {}),
    };
  }

  private sourcePieces(): string[] {
    return this.prepared.source.map((id) => this.model.source!.piece(id));
  }

  private hypothesis({ path, logProbability, score }: Scored): Hypothesis {
    const { target } = this.model;
    const tokens = path.tokens.map((id, t) => ({ piece: target.piece(id), logProbability: path.logProbabilities[t]! }));
    const attended = path.attention ? this.attended(path.attention) : {};
    const found = { logProbability, tokens, finishReason: this.finishReason(path), ...attended };
    const { manifest } = this.model;
    const calibration = manifest.task === "translation" ? manifest.calibration : undefined;
    return {
      text: this.stops?.said ?? this.textOf(path.tokens),
      score,
      ...found,
      ...(calibration ? { confidence: confidence(confidenceFeatures(found), calibration) } : {}),
    };
  }

  private get prompt(): readonly number[] {
    return this.prepared.forced.slice(0, this.prepared.skip);
  }

  private finishReason({ tokens, finishReason }: Path): FinishReason {
    if (this.segment.task === "score") return "end";
    if (this.stops?.stopped) return "stop";
    return mindsLoops(this.segment) && isLoop(tokens, this.prepared.source) ? "loop" : finishReason;
  }

  private attended(attention: Attention): Partial<Hypothesis> {
    const said = coverage(attention);
    if (!this.segment.options.alignments) return said;
    const alignment = rowsOf(attention);
    return { ...said, alignment, links: links(alignment) };
  }

  /** What a translation was asked to begin with stands in it letter for letter, whatever the tokenizer makes of it. */
  private textOf(tokens: readonly number[]): string {
    const { task, target: prefix = "" } = this.segment;
    const { forced } = this.prepared;
    if (task !== "translate" || prefix === "") return continuation(this.model, this.prompt, tokens);
    return prefix.trimEnd() + continuation(this.model, forced, tokens.slice(forced.length));
  }

  private end(event: SegmentEvent): void {
    if (this.over) return;
    this.over = true;
    this.emit(event);
  }
}

/** The text that tokens add to a prompt. */
function continuation({ target }: ServingModel, prompt: readonly number[], tokens: readonly number[]): string {
  if (prompt.length === 0) return target.decode(tokens);
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
