import type { Optimizer, OptimizerStep } from "./optimizer.js";

export interface AdamOptions {
  /** Decay of the mean of gradients. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. */
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled weight decay (AdamW, Loshchilov & Hutter 2019); 0 is plain Adam. */
  readonly weightDecay?: number;
}

/** Adam with bias correction (Kingma & Ba 2015, algorithm 1), one fused loop over flat arrays. */
export function adam(size: number, options: AdamOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  const mean = new Float32Array(size);
  const square = new Float32Array(size);
  return {
    moments: { mean, square },
    step({ parameters, gradients, learningRate, gradientScale, step }: OptimizerStep) {
      // Read from an array, these are values of the loop. As expressions of `step` V8 moves them into it after some
      // hundred calls, and computes two powers for every parameter: a step of training then takes three times as long.
      const constants = Float64Array.of(
        gradientScale,
        learningRate / (1 - beta1 ** step),
        1 / (1 - beta2 ** step),
        1 - learningRate * weightDecay,
      );
      const [scale, rate, squareCorrection, keep] = [constants[0]!, constants[1]!, constants[2]!, constants[3]!];
      for (let i = 0; i < size; i++) {
        const g = gradients[i]! * scale;
        const m = beta1 * mean[i]! + (1 - beta1) * g;
        const v = beta2 * square[i]! + (1 - beta2) * g * g;
        mean[i] = m;
        square[i] = v;
        parameters[i] = keep * parameters[i]! - (rate * m) / (Math.sqrt(v * squareCorrection) + epsilon);
      }
    },
  };
}
