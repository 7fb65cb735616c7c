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
    factors: ({ step, learningRate }) => [
      learningRate / (1 - beta1 ** step),
      1 / (1 - beta2 ** step),
      1 - learningRate * weightDecay,
    ],
    update(g, { parameter, gradient, moments, factors }) {
      const [rate, squareCorrection, keep] = [factors[0]!, factors[1]!, factors[2]!];
      const mean = g.add(g.mul(moments[0]!, beta1), g.mul(gradient, 1 - beta1));
      const square = g.add(g.mul(moments[1]!, beta2), g.mul(g.mul(gradient, gradient), 1 - beta2));
      const deviation = g.add(g.sqrt(g.mul(square, squareCorrection)), epsilon);
      const kept = weightDecay === 0 ? parameter : g.mul(parameter, keep);
      return { parameter: g.sub(kept, g.div(g.mul(mean, rate), deviation)), moments: [mean, square] };
    },
  };
}
