import type { GradientRule } from "../rule.js";

/** Rows of a table: each row sums the gradients of its uses (an embedding's gradient). Axis 0 only. */
export const gather: GradientRule = ({ g, node, inputs: [table, indices], gradients: [dy] }) => {
  if (node.attributes.axis !== 0) throw new Error("Gather: only axis 0 has a gradient");
  const rows = g.reshape(indices!, ["rows"]);
  const updates = g.reshape(dy!, ["rows", ...table!.shape.slice(1)]);
  return [g.scatterAdd(g.zerosLike(table!), rows, updates)];
};
