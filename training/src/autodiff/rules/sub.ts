import { type GradientRule, unbroadcast } from "../rule.js";

/** y = a − b: da = dy, db = −dy. */
export const sub: GradientRule = ({ g, inputs: [a, b], gradients: [dy], needs }) => [
  needs(0) ? unbroadcast(g, dy!, a!) : undefined,
  needs(1) ? unbroadcast(g, g.neg(dy!), b!) : undefined,
];
