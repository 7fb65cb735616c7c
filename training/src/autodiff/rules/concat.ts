import type { GradientRule } from "../rule.js";

/** y = [a; b; …]: each part gets its slice of dy. */
export const concat: GradientRule = ({ g, node, inputs, gradients: [dy] }) => {
  const axis = node.attributes.axis as number;
  const sizes = inputs.map((x) => x.shape[axis]!);
  if (!sizes.every((s) => typeof s === "number")) throw new Error("Concat: only axes of known size have a gradient");
  return g.split(dy!, sizes as number[], axis);
};
