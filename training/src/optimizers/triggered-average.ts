import type { AverageState, ParameterAverage } from "./parameter-average.js";

interface State {
  /** Perplexities of the validations so far, until the average begins. */
  readonly perplexities: readonly number[];
  /** 1 once the average has begun. */
  readonly triggered: number;
  /** Steps in the average. */
  readonly steps: number;
}

const START: State = { perplexities: [], triggered: 0, steps: 0 };

/**
 * Non-monotonically triggered averaging (NT-ASGD, Merity, Keskar & Socher 2018, algorithm 1; meant for plain SGD): once a
 * validation is worse than the best of those that are at least `interval` validations older, the parameters of all steps that
 * follow are averaged with equal weights.
 */
export function triggeredAverage(size: number, { interval }: { interval: number }): ParameterAverage {
  const values = new Float32Array(size);
  let state = START;
  return {
    values,
    get active() {
      return state.steps > 0;
    },
    update(parameters) {
      if (!state.triggered) return;
      state = { ...state, steps: state.steps + 1 };
      const rate = 1 / state.steps;
      for (let i = 0; i < size; i++) values[i] = values[i]! + rate * (parameters[i]! - values[i]!);
    },
    observe(perplexity) {
      if (state.triggered) return;
      const older = state.perplexities.slice(0, Math.max(0, state.perplexities.length - interval));
      const triggered = older.length > 0 && perplexity > Math.min(...older) ? 1 : 0;
      state = { ...state, triggered, perplexities: triggered ? [] : [...state.perplexities, perplexity] };
    },
    get state(): AverageState {
      return { ...state };
    },
    set state(saved: AverageState) {
      state = { ...START, ...(saved as Partial<State>) };
    },
  };
}
