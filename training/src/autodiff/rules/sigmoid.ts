import type { GradientRule } from "../rule.js";

/** y = σ(x): dx = dy · y · (1 − y). Saves y. */
export const sigmoid: GradientRule = ({ g, outputs: [y], gradients: [dy] }) => [
  g.mul(dy!, g.mul(y!, g.sub(g.float(1), y!))),
];
