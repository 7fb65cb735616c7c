import type { FinishReason } from "../queue/port.js";
import { type Attention, coveragePenalty } from "./coverage.js";
import { type Advanced, DEAD } from "./running-batch.js";

/** A hypothesis in ids. */
export interface Path {
  readonly tokens: readonly number[];
  /** Natural log-probability of each token. */
  readonly logProbabilities: readonly number[];
  /** Their sum, with what the request's penalties changed in it. */
  readonly penalized: number;
  readonly finishReason: FinishReason;
  /** [token][source position], when it was recorded. */
  readonly attention?: Attention;
}

interface Step {
  /** [B] each. */
  readonly tokens: Int32Array;
  readonly parents: Int32Array;
  readonly scores: Float32Array;
  readonly logProbabilities?: Float32Array;
  /** [B, S] */
  readonly attention?: Float32Array;
}

export interface TraceOptions {
  /** Hypotheses that end the search. */
  readonly hypotheses: number;
  /** Steps after which what lives is a hypothesis that ends for reason "length". */
  readonly maxSteps: number;
  readonly eos: number;
  /** Source tokens whose attention is kept; 0 keeps none. */
  readonly attendTo: number;
}

/** The search of one sentence as the decoder reports it: tokens, parents and scores of every step. */
export class Trace {
  private readonly steps: Step[] = [];
  private readonly ended: { step: number; slot: number }[] = [];
  private alive = true;
  private cut = false;

  constructor(private readonly options: TraceOptions) {}

  /** Steps so far. */
  get position(): number {
    return this.steps.length;
  }

  get isComplete(): boolean {
    return (
      this.cut ||
      !this.alive ||
      this.ended.length >= this.options.hypotheses ||
      this.steps.length >= this.options.maxSteps
    );
  }

  /** Token of slot 0 at a step; with a beam of one it is what was chosen. */
  tokenAt(step: number): number {
    return this.steps[step]!.tokens[0]!;
  }

  /** Tokens of slot 0 so far; with a beam of one they are what was chosen. */
  get firstTokens(): number[] {
    return this.steps.map((step) => step.tokens[0]!);
  }

  /** Ends the search after its first steps. */
  cutTo(steps: number): void {
    this.steps.length = steps;
    this.cut = true;
  }

  /** Takes what a run says of the sentence at index n; steps after the search is complete are of no account. */
  record(run: Advanced, n: number): void {
    for (let step = 0; step < run.steps && !this.isComplete; step++) this.push(stepOf(run, { step, n }, this.options));
  }

  private push(step: Step): void {
    this.alive = false;
    for (let slot = 0; slot < step.tokens.length; slot++) {
      if (step.scores[slot]! <= DEAD) continue;
      if (step.tokens[slot] === this.options.eos) this.ended.push({ step: this.steps.length, slot });
      else this.alive = true;
    }
    this.steps.push(step);
  }

  /** All hypotheses, in no order, without the tokens of the first `skip` steps (a prompt). */
  paths(skip: number): Path[] {
    const ended = this.ended.map((at) => this.walk(at, { skip, finishReason: "end" }));
    if (this.ended.length >= this.options.hypotheses) return ended;
    const last = this.steps.length - 1;
    const { tokens = [], scores = [] } = this.steps[last] ?? {};
    const alive = [...scores.keys()].filter((slot) => scores[slot]! > DEAD && tokens[slot] !== this.options.eos);
    return [...ended, ...alive.map((slot) => this.walk({ step: last, slot }, { skip, finishReason: "length" }))];
  }

  private walk(end: { step: number; slot: number }, { skip, finishReason }: Ending): Path {
    const tokens: number[] = [];
    const logProbabilities: number[] = [];
    const attention: Float32Array[] = [];
    const { attendTo: width } = this.options;
    let { slot } = end;
    let penalized = this.steps[end.step]?.scores[slot] ?? 0;
    for (let t = end.step; t >= skip; t--) {
      const step = this.steps[t]!;
      const parent = step.parents[slot]!;
      tokens.push(step.tokens[slot]!);
      const before = t === 0 ? 0 : this.steps[t - 1]!.scores[parent]!;
      logProbabilities.push(step.logProbabilities?.[slot] ?? step.scores[slot]! - before);
      if (t === skip) penalized -= before;
      if (step.attention) attention.push(step.attention.subarray(slot * width, (slot + 1) * width));
      slot = parent;
    }
    return {
      tokens: tokens.reverse(),
      logProbabilities: logProbabilities.reverse(),
      penalized,
      finishReason,
      ...(attention.length > 0 ? { attention: attention.reverse() } : {}),
    };
  }
}

interface Ending {
  readonly skip: number;
  readonly finishReason: FinishReason;
}

/** Copies, so that the tensors of the whole batch can be freed. */
function stepOf(run: Advanced, { step, n }: { step: number; n: number }, { attendTo }: TraceOptions): Step {
  const from = (step * run.sentences + n) * run.beam;
  const to = from + run.beam;
  const attention =
    attendTo > 0 && run.attention
      ? cutColumns(run.attention.subarray(from * run.source, to * run.source), run, attendTo)
      : undefined;
  return {
    tokens: run.tokens.slice(from, to),
    parents: run.parents.slice(from, to),
    scores: run.scores.slice(from, to),
    ...(run.logProbabilities ? { logProbabilities: run.logProbabilities.slice(from, to) } : {}),
    ...(attention ? { attention } : {}),
  };
}

/** [B, S] → [B, width]: without the padding of longer batch mates. */
function cutColumns(weights: Float32Array, { beam, source }: Advanced, width: number): Float32Array {
  const cut = new Float32Array(beam * width);
  for (let slot = 0; slot < beam; slot++) {
    cut.set(weights.subarray(slot * source, slot * source + width), slot * width);
  }
  return cut;
}

export function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** GNMT's length penalty (Wu et al. 2016, equation 14); `length` counts eos. */
export function lengthPenalty(length: number, alpha: number): number {
  return ((5 + length) / 6) ** alpha;
}

export interface Scored {
  readonly path: Path;
  readonly logProbability: number;
  /** (logProbability, penalized) ÷ length penalty + coverage penalty. */
  readonly score: number;
}

export interface Ranking {
  readonly nBest: number;
  /** Of the length penalty. */
  readonly alpha: number;
  /** Of the coverage penalty. */
  readonly beta: number;
}

/** The n best hypotheses, best first. */
export function best(paths: readonly Path[], { nBest, alpha, beta }: Ranking): Scored[] {
  const scored = paths.map((path) => {
    const score = path.penalized / lengthPenalty(path.tokens.length, alpha);
    return {
      path,
      logProbability: sum(path.logProbabilities),
      score: beta > 0 && path.attention ? score + beta * coveragePenalty(path.attention) : score,
    };
  });
  return scored.sort((a, b) => b.score - a.score).slice(0, nBest);
}
