import { type GradientRule, unbroadcast } from "../rule.js";

/** dy goes to the side that was chosen. */
export const where: GradientRule = ({ g, inputs: [condition, a, b], gradients: [dy], needs }) => [
  undefined,
  needs(1) ? unbroadcast(g, g.where(condition!, dy!, g.float(0)), a!) : undefined,
  needs(2) ? unbroadcast(g, g.where(condition!, g.float(0), dy!), b!) : undefined,
];
