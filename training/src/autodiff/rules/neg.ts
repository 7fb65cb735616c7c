import type { GradientRule } from "../rule.js";

/** y = −x. */
export const neg: GradientRule = ({ g, gradients: [dy] }) => [g.neg(dy!)];
