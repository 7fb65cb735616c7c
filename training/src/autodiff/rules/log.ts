import type { GradientRule } from "../rule.js";

/** y = ln x: dx = dy / x. */
export const log: GradientRule = ({ g, inputs: [x], gradients: [dy] }) => [g.div(dy!, x!)];
