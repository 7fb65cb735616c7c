import type { OptimizerGraph } from "./optimizer-graph.js";
import type { SgdOptions } from "./sgd.js";

/** Stochastic gradient descent as nodes of a graph; see `sgd`. */
export function sgdGraph({ momentum = 0, weightDecay = 0 }: SgdOptions = {}): OptimizerGraph {
  return {
    moments: momentum === 0 ? [] : ["velocity"],
    factors: ({ learningRate }) => [learningRate],
    update(g, { parameter, gradient, scale, moments, factors }) {
      const clipped = g.mul(gradient, scale);
      const decayed = weightDecay === 0 ? clipped : g.add(clipped, g.mul(parameter, weightDecay));
      const velocity = momentum === 0 ? decayed : g.add(g.mul(moments[0]!, momentum), decayed);
      return {
        parameter: g.sub(parameter, g.mul(velocity, factors[0]!)),
        moments: momentum === 0 ? [] : [velocity],
      };
    },
  };
}
