import type { AdamOptions } from "./adam.js";
import type { OptimizerGraph } from "./optimizer-graph.js";

/** Adam and AdamW as nodes of a graph; see `adam`. */
export function adamGraph({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  weightDecay = 0,
}: AdamOptions = {}): OptimizerGraph {
  return {
    moments: ["mean", "square"],
    // ε and the rate take in the correction of the squares, so that no pass over the parameters is spent on it
    factors: ({ step, learningRate }) => {
      const correction = Math.sqrt(1 - beta2 ** step);
      return [(learningRate * correction) / (1 - beta1 ** step), epsilon * correction, 1 - learningRate * weightDecay];
    },
    update(g, { parameter, gradient, scale, moments, factors }) {
      const [rate, floor, keep] = [factors[0]!, factors[1]!, factors[2]!];
      const ofMean = g.mul(scale, 1 - beta1);
      const ofSquare = g.mul(g.mul(scale, scale), 1 - beta2);
      const mean = g.add(g.mul(moments[0]!, beta1), g.mul(gradient, ofMean));
      const square = g.add(g.mul(moments[1]!, beta2), g.mul(g.mul(gradient, gradient), ofSquare));
      const change = g.mul(g.div(mean, g.add(g.sqrt(square), floor)), rate);
      const kept = weightDecay === 0 ? parameter : g.mul(parameter, keep);
      return { parameter: g.sub(kept, change), moments: [mean, square] };
    },
  };
}
