import { type GradientRule, unbroadcast } from "../rule.js";

/** y = a / b: da = dy / b, db = −dy · y / b. */
export const div: GradientRule = ({ g, inputs: [a, b], outputs: [y], gradients: [dy], needs }) => [
  needs(0) ? unbroadcast(g, g.div(dy!, b!), a!) : undefined,
  needs(1) ? unbroadcast(g, g.neg(g.div(g.mul(dy!, y!), b!)), b!) : undefined,
];
