import type { GradientRule } from "../rule.js";

export const identity: GradientRule = ({ gradients: [dy] }) => [dy];
