import type { GradientRule } from "../rule.js";
import { reducedAxes, restoreAxes } from "./reduced-axes.js";

/** y = mean of x over n elements: dx = dy / n. */
export const reduceMean: GradientRule = ({ g, node, inputs: [x], gradients: [dy] }) => {
  const axes = reducedAxes(node, x!);
  const count = axes.map((axis) => g.sizeOf(x!, axis)).reduce((a, b) => g.mul(a, b));
  const share = g.div(dy!, g.cast(count, "float32"));
  return [g.expand(restoreAxes(g, share, x!, axes), g.shapeOf(x!), x!.shape)];
};
