import { type GradientRule, unbroadcast } from "../rule.js";

/** dx sums dy over the repeated axes. */
export const expand: GradientRule = ({ g, inputs: [x], gradients: [dy] }) => [unbroadcast(g, dy!, x!)];
