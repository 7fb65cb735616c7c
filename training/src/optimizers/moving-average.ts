import type { ParameterAverage } from "./parameter-average.js";

/**
 * The exponential moving average, beginning at `first`: average ← d · average + (1 − d) · parameters, where
 * d = min(decay, step / (step + 9)), so that the first, random parameters are soon forgotten. (Polyak & Juditsky 1992 average
 * with equal weights; the exponential form is common since Szegedy et al. 2016.)
 */
export function movingAverage(first: Float32Array, { decay }: { decay: number }): ParameterAverage {
  const values = first.slice();
  return {
    values,
    active: true,
    update(parameters, step) {
      const rate = 1 - Math.min(decay, step / (step + 9));
      for (let i = 0; i < values.length; i++) values[i] = values[i]! + rate * (parameters[i]! - values[i]!);
    },
    observe() {},
    state: {},
  };
}
