import type { Optimizer, OptimizerStep } from "./optimizer.js";

export interface SgdOptions {
  /** 0 is plain gradient descent; otherwise velocity ← momentum · velocity + gradient (Polyak 1964). */
  readonly momentum?: number;
  /** L2 regularization: this share of each parameter is added to its gradient, after clipping. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent, one fused loop over flat arrays. */
export function sgd(size: number, { momentum = 0, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  return momentum === 0 ? plain(weightDecay) : withMomentum(size, { momentum, weightDecay });
}

function plain(weightDecay: number): Optimizer {
  return {
    moments: {},
    step({ parameters, gradients, learningRate, gradientScale }: OptimizerStep) {
      const rate = learningRate * gradientScale;
      const keep = 1 - learningRate * weightDecay;
      for (let i = 0; i < parameters.length; i++) parameters[i] = keep * parameters[i]! - rate * gradients[i]!;
    },
  };
}

function withMomentum(size: number, { momentum, weightDecay }: Required<SgdOptions>): Optimizer {
  const velocity = new Float32Array(size);
  return {
    moments: { velocity },
    step({ parameters, gradients, learningRate, gradientScale }: OptimizerStep) {
      for (let i = 0; i < size; i++) {
        const v = momentum * velocity[i]! + gradientScale * gradients[i]! + weightDecay * parameters[i]!;
        velocity[i] = v;
        parameters[i] = parameters[i]! - learningRate * v;
      }
    },
  };
}
