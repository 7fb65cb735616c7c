/** The learning rate as a function of time. A schedule that listens to validation has state for checkpoints. */
export interface Schedule {
  /** Learning rate of a step; the first is 1. */
  rate(step: number): number;
  /** Told of every validation, with the validation perplexity. */
  observe(perplexity: number): void;
  state: ScheduleState;
}

export type ScheduleState = Readonly<Record<string, number>>;

const STATELESS = { observe: () => {}, state: {} };

export function constant(options: { learningRate: number }): Schedule {
  return { rate: () => options.learningRate, ...STATELESS };
}

/** Rises linearly to `learningRate` in `warmupSteps`, then falls with 1/√step (Vaswani et al. 2017). */
export function inverseSquareRoot(options: { learningRate: number; warmupSteps: number }): Schedule {
  const { learningRate, warmupSteps } = options;
  return {
    rate: (step) => learningRate * Math.min(step / warmupSteps, Math.sqrt(warmupSteps / step)),
    ...STATELESS,
  };
}

export interface DecayOptions {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
  /** Learning rate at `totalSteps` and after, as a fraction of `learningRate`. */
  readonly final: number;
}

/** Linear warmup, then half a cosine down to the final rate (Loshchilov & Hutter 2017, without restarts). */
export function cosine(options: DecayOptions): Schedule {
  return decay(options, (done) => (1 + Math.cos(Math.PI * done)) / 2);
}

/** Linear warmup, then a straight line down to the final rate. */
export function linear(options: DecayOptions): Schedule {
  return decay(options, (done) => 1 - done);
}

function decay(options: DecayOptions, shape: (done: number) => number): Schedule {
  const { learningRate, warmupSteps, totalSteps, final } = options;
  return {
    rate(step) {
      if (step < warmupSteps) return (learningRate * step) / warmupSteps;
      const done = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
      return learningRate * (final + (1 - final) * shape(done));
    },
    ...STATELESS,
  };
}

export interface PlateauOptions {
  readonly learningRate: number;
  readonly warmupSteps: number;
  /** What the rate is multiplied by when validation has not improved. */
  readonly factor: number;
  /** Validations without a new best before the rate falls. */
  readonly patience: number;
}

/** Linear warmup, then falls by `factor` every time validation perplexity has not improved for `patience` validations. */
export function plateau(options: PlateauOptions): Schedule {
  const { learningRate, warmupSteps, factor, patience } = options;
  let state: { scale: number; best: number; bad: number } = { scale: 1, best: Number.MAX_VALUE, bad: 0 };
  return {
    rate: (step) => learningRate * state.scale * Math.min(1, warmupSteps === 0 ? 1 : step / warmupSteps),
    observe(perplexity) {
      if (perplexity < state.best) state = { ...state, best: perplexity, bad: 0 };
      else state.bad++;
      if (state.bad >= patience) state = { ...state, scale: state.scale * factor, bad: 0 };
    },
    get state() {
      return { ...state };
    },
    set state(saved: ScheduleState) {
      state = { scale: saved.scale!, best: saved.best!, bad: saved.bad! };
    },
  };
}
