import { type GradientRule, unbroadcast } from "../rule.js";

/** y = a · b: da = dy · b, db = dy · a. */
export const mul: GradientRule = ({ g, inputs: [a, b], gradients: [dy], needs }) => [
  needs(0) ? unbroadcast(g, g.mul(dy!, b!), a!) : undefined,
  needs(1) ? unbroadcast(g, g.mul(dy!, a!), b!) : undefined,
];
