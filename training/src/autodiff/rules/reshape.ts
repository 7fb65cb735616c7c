import type { GradientRule } from "../rule.js";

/** Reshape, Squeeze and Unsqueeze move no element: dx is dy in the shape of x. */
export const reshape: GradientRule = ({ g, inputs: [x], gradients: [dy] }) => [g.reshapeLike(dy!, x!)];
