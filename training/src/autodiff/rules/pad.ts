import type { GradientRule } from "../rule.js";

/** y = x with zeros around it: dx is dy without them. What was taken away (a negative number) gets zeros. */
export const pad: GradientRule = ({ g, inputs: [x, pads, , axes], gradients: [dy] }) => [
  g.apply("Pad", [dy!, g.neg(pads!), undefined, axes!], { mode: "constant" }, [x!])[0]!,
];
