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

/**
 * Added and taken away again, in double precision, it turns what is under 1e-34 into zero. The moments of a parameter
 * without gradients, such as the embedding of a rare token, decay towards zero, and a number too small for a normal
 * float32 costs a hundred times the time of another: without this a step took three times as long after 900 steps.
 */
const ABSORB = 1e-18;

/** Adam with bias correction (Kingma & Ba 2015, algorithm 1), one fused loop over flat arrays. */
export function adam(size: number, options: AdamOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  const mean = new Float32Array(size);
  const square = new Float32Array(size);
  return {
    moments: { mean, square },
    step({ parameters, gradients, learningRate, gradientScale, step }: OptimizerStep) {
      const rate = learningRate / (1 - beta1 ** step);
      const squareCorrection = 1 / (1 - beta2 ** step);
      const keep = 1 - learningRate * weightDecay;
      for (let i = 0; i < size; i++) {
        const g = gradients[i]! * gradientScale;
        const m = beta1 * mean[i]! + (1 - beta1) * g + ABSORB - ABSORB;
        const v = beta2 * square[i]! + (1 - beta2) * g * g + ABSORB - ABSORB;
        mean[i] = m;
        square[i] = v;
        parameters[i] = keep * parameters[i]! - (rate * m) / (Math.sqrt(v * squareCorrection) + epsilon);
      }
    },
  };
}
