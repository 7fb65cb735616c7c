import type { GradientRule } from "../rule.js";

/** y = eˣ: dx = dy · y. */
export const exp: GradientRule = ({ g, outputs: [y], gradients: [dy] }) => [g.mul(dy!, y!)];
