import { type GradientRule, unbroadcast } from "../rule.js";

/** y = a + b: both get dy. */
export const add: GradientRule = ({ g, inputs, gradients: [dy] }) => inputs.map((x) => unbroadcast(g, dy!, x));
