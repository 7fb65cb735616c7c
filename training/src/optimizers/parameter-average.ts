/** An average of the parameters over the steps, which is often better than they are themselves. */
export interface ParameterAverage {
  /** As long as the parameters. Live: every update moves it in place. */
  readonly values: Float32Array;
  /** Whether it is what is measured and exported; until then the parameters are. */
  readonly active: boolean;
  /** Takes in the parameters after step `step`; the first is 1. */
  update(parameters: Float32Array, step: number): void;
  /** Told of every validation, with the validation perplexity. */
  observe(perplexity: number): void;
  /** What a checkpoint must keep, beside the values. */
  state: AverageState;
}

export type AverageState = Readonly<Record<string, number | readonly number[]>>;
