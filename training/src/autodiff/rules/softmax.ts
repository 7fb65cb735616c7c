import type { GradientRule } from "../rule.js";

/** y = softmax(x) over the last axis: dx = y · (dy − Σ dy · y). Saves y. */
export const softmax: GradientRule = ({ g, outputs: [y], gradients: [dy] }) => {
  const weighted = g.mul(dy!, y!);
  return [g.sub(weighted, g.mul(y!, g.sum(weighted, [-1], 1)))];
};
