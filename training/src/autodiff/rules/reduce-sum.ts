import type { GradientRule } from "../rule.js";
import { reducedAxes, restoreAxes } from "./reduced-axes.js";

/** y = Σ x: dx = dy, spread over the summed axes. */
export const reduceSum: GradientRule = ({ g, node, inputs: [x], gradients: [dy] }) => [
  g.expand(restoreAxes(g, dy!, x!, reducedAxes(node, x!)), g.shapeOf(x!), x!.shape),
];
