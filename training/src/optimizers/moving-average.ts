/**
 * The exponential moving average of parameters over the steps (Polyak & Juditsky 1992 average with equal weights; the
 * exponential form is common since Szegedy et al. 2016). It is often better than the parameters themselves.
 */
export interface MovingAverage {
  /** As long as the parameters. Live: every update moves it in place. */
  readonly values: Float32Array;
  /** Takes in the parameters after step `step`; the first is 1. */
  update(parameters: Float32Array, step: number): void;
}

/**
 * An average that begins at `first`: average ← d · average + (1 − d) · parameters, where d = min(decay, step / (step + 9)),
 * so that the first, random parameters are soon forgotten.
 */
export function movingAverage(first: Float32Array, { decay }: { decay: number }): MovingAverage {
  const values = first.slice();
  return {
    values,
    update(parameters, step) {
      const rate = 1 - Math.min(decay, step / (step + 9));
      for (let i = 0; i < values.length; i++) values[i] = values[i]! + rate * (parameters[i]! - values[i]!);
    },
  };
}
