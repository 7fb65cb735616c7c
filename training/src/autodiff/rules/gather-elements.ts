import type { GradientRule } from "../rule.js";

/** One element a row: the others get zero. */
export const gatherElements: GradientRule = ({ g, node, inputs: [x, indices], gradients: [dy] }) => {
  const [dx] = g.apply(
    "ScatterElements",
    [g.zerosLike(x!), indices, dy],
    { axis: node.attributes.axis!, reduction: "add" },
    [{ dtype: "float32", shape: x!.shape }],
  );
  return [dx];
};
