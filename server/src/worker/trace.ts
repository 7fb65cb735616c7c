import type { FinishReason } from "../queue/port.js";
import type { Attention } from "./coverage.js";
import { type Advanced, DEAD } from "./running-batch.js";

/** Where a hypothesis ends. */
export interface End {
  readonly step: number;
  readonly slot: number;
  readonly finishReason: FinishReason;
  /** Tokens. */
  readonly length: number;
  /** Of their natural log-probabilities the sum, with what the request's penalties changed in it. */
  readonly penalized: number;
}

/** A hypothesis in ids. */
export interface Path {
  readonly tokens: readonly number[];
  /** Natural log-probability of each token. */
  readonly logProbabilities: readonly number[];
  readonly finishReason: FinishReason;
  /** Of its tokens over the source, when it was recorded. */
  readonly attention?: Attention;
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

/** What a run of k steps says of one sentence. */
interface Stretch {
  /** The step of the search that its first is. */
  readonly first: number;
  readonly beam: number;
  /** [k, B] each. */
  readonly tokens: Int32Array;
  readonly parents: Int32Array;
  readonly scores: Float32Array;
  readonly logProbabilities?: Float32Array;
  /** [k, B, attendTo] */
  readonly attention?: Float32Array;
}

interface Place {
  readonly step: number;
  readonly slot: number;
}

/** The search of one sentence as the decoder reports it: tokens, parents and scores of every step. */
export class Trace {
  /** For each step so far. */
  private readonly stretches: Stretch[] = [];
  private ended: Place[] = [];
  private alive = true;
  private cut = false;

  constructor(private readonly options: TraceOptions) {}

  /** Steps so far. */
  get position(): number {
    return this.stretches.length;
  }

  get isComplete(): boolean {
    const { hypotheses, maxSteps } = this.options;
    return this.cut || !this.alive || this.ended.length >= hypotheses || this.position >= maxSteps;
  }

  /** Token of slot 0 at a step; with a beam of one it is what was chosen. */
  tokenAt(step: number): number {
    const stretch = this.stretches[step]!;
    return stretch.tokens[indexIn(stretch, step, 0)]!;
  }

  /** Tokens of slot 0 so far; with a beam of one they are what was chosen. */
  get firstTokens(): number[] {
    return this.stretches.map((_, step) => this.tokenAt(step));
  }

  /** Ends the search after its first steps. */
  cutTo(steps: number): void {
    this.stretches.length = steps;
    this.ended = this.ended.filter(({ step }) => step < steps);
    this.cut = true;
  }

  /** Takes what a run says of the sentence at index n; steps after the search is complete are of no account. */
  record(run: Advanced, n: number): void {
    if (this.isComplete) return;
    const stretch = stretchOf(run, { n, first: this.position, attendTo: this.options.attendTo });
    for (let step = 0; step < run.steps && !this.isComplete; step++) this.lookAt(stretch, step);
  }

  /** The next step of the search: the one of that index in the run. */
  private lookAt(stretch: Stretch, step: number): void {
    const { beam, tokens, scores } = stretch;
    this.alive = false;
    for (let slot = 0; slot < beam; slot++) {
      const at = step * beam + slot;
      if (scores[at]! <= DEAD) continue;
      if (tokens[at] === this.options.eos) this.ended.push({ step: this.position, slot });
      else this.alive = true;
    }
    this.stretches.push(stretch);
  }

  /** Where all hypotheses end, in no order; what the first `skip` steps scored (a prompt) is not counted. */
  ends(skip: number): End[] {
    const ended = this.ended.map((place) => this.endAt(place, { skip, finishReason: "end" }));
    if (this.ended.length >= this.options.hypotheses) return ended;
    return [...ended, ...this.living().map((place) => this.endAt(place, { skip, finishReason: "length" }))];
  }

  /** The slots of the last step whose hypotheses have not ended. */
  private living(): Place[] {
    const stretch = this.stretches.at(-1);
    if (!stretch) return [];
    const step = this.position - 1;
    const lives = (slot: number) => {
      const at = indexIn(stretch, step, slot);
      return stretch.scores[at]! > DEAD && stretch.tokens[at] !== this.options.eos;
    };
    const slots = Array.from({ length: stretch.beam }, (_, slot) => slot);
    return slots.filter(lives).map((slot) => ({ step, slot }));
  }

  private endAt({ step, slot }: Place, { skip, finishReason }: Pick<End, "finishReason"> & { skip: number }): End {
    const length = Math.max(0, step + 1 - skip);
    const before = skip === 0 || length === 0 ? 0 : this.scoreAt(skip - 1, this.ancestor({ step, slot }, skip - 1));
    return { step, slot, finishReason, length, penalized: this.scoreAt(step, slot) - before };
  }

  /** The slot that a hypothesis had at an earlier step. */
  private ancestor({ step, slot }: Place, earlier: number): number {
    let at = slot;
    for (let t = step; t > earlier; t--) at = this.parentOf(t, at);
    return at;
  }

  /** The hypothesis that ends there, without the tokens of the first `skip` steps. */
  follow(end: End, skip: number): Path {
    const { length } = end;
    const tokens = new Array<number>(length);
    const logProbabilities = new Array<number>(length);
    const width = this.options.attendTo;
    const attended = length > 0 && this.stretches[0]?.attention !== undefined;
    const weights = attended ? new Float32Array(length * width) : undefined;
    let { slot } = end;
    for (let step = end.step; step >= skip; step--) {
      const stretch = this.stretches[step]!;
      const at = indexIn(stretch, step, slot);
      const parent = stretch.parents[at]!;
      const before = step === 0 ? 0 : this.scoreAt(step - 1, parent);
      tokens[step - skip] = stretch.tokens[at]!;
      logProbabilities[step - skip] = stretch.logProbabilities?.[at] ?? stretch.scores[at]! - before;
      const to = (step - skip) * width;
      for (let s = 0; weights && s < width; s++) weights[to + s] = stretch.attention![at * width + s]!;
      slot = parent;
    }
    const attention = weights && { weights, source: width };
    return { tokens, logProbabilities, finishReason: end.finishReason, ...(attention ? { attention } : {}) };
  }

  private parentOf(step: number, slot: number): number {
    const stretch = this.stretches[step]!;
    return stretch.parents[indexIn(stretch, step, slot)]!;
  }

  private scoreAt(step: number, slot: number): number {
    const stretch = this.stretches[step]!;
    return stretch.scores[indexIn(stretch, step, slot)]!;
  }
}

/** Where a slot stands at a step of the search. */
function indexIn({ first, beam }: Stretch, step: number, slot: number): number {
  return (step - first) * beam + slot;
}

/** Copies, so that the tensors of the whole batch can be freed; a few for a run, because there are many sentences. */
function stretchOf(run: Advanced, { n, first, attendTo }: { n: number; first: number; attendTo: number }): Stretch {
  const { steps, sentences, beam, source } = run;
  const size = steps * beam;
  const rows = { steps, start: n * beam, stride: sentences * beam, length: beam };
  return {
    first,
    beam,
    tokens: copyRows(run.tokens, new Int32Array(size), rows),
    parents: copyRows(run.parents, new Int32Array(size), rows),
    scores: copyRows(run.scores, new Float32Array(size), rows),
    ...(run.logProbabilities ? { logProbabilities: copyRows(run.logProbabilities, new Float32Array(size), rows) } : {}),
    ...(run.attention && attendTo > 0
      ? { attention: cutColumns(run.attention, { ...rows, source, width: attendTo }) }
      : {}),
  };
}

interface Rows {
  readonly steps: number;
  /** Of the first step's row, and from one row to the next. */
  readonly start: number;
  readonly stride: number;
  readonly length: number;
}

/** [k, N, B] → [k, B]: the rows of one sentence. */
function copyRows<T extends Int32Array | Float32Array>(from: T, to: T, { steps, start, stride, length }: Rows): T {
  for (let step = 0; step < steps; step++) {
    for (let k = 0; k < length; k++) to[step * length + k] = from[start + step * stride + k]!;
  }
  return to;
}

/** [k, N, B, S] → [k, B, width]: of one sentence, without the padding of longer batch mates. */
function cutColumns(
  weights: Float32Array,
  { steps, start, stride, length, source, width }: Rows & { source: number; width: number },
): Float32Array {
  const cut = new Float32Array(steps * length * width);
  let at = 0;
  for (let step = 0; step < steps; step++) {
    for (let row = start + step * stride; row < start + step * stride + length; row++) {
      for (let s = 0; s < width; s++) cut[at++] = weights[row * source + s]!;
    }
  }
  return cut;
}
