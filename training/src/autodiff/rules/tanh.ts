import type { GradientRule } from "../rule.js";

/** y = tanh x: dx = dy · (1 − y²). Saves y. */
export const tanh: GradientRule = ({ g, outputs: [y], gradients: [dy] }) => [
  g.mul(dy!, g.sub(g.float(1), g.mul(y!, y!))),
];
