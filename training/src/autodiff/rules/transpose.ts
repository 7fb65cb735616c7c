import type { GradientRule } from "../rule.js";

/** dx is dy with the axes put back. */
export const transpose: GradientRule = ({ g, node, gradients: [dy] }) => {
  const perm = node.attributes.perm as readonly number[];
  return [
    g.transpose(
      dy!,
      perm.map((_, k) => perm.indexOf(k)),
    ),
  ];
};
