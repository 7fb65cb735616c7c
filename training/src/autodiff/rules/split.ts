import type { GradientRule } from "../rule.js";

/** y₁, y₂, … = parts of x: dx is their gradients side by side. */
export const split: GradientRule = ({ g, node, outputs, gradients }) => [
  g.concat(
    gradients.map((dy, k) => dy ?? g.zerosLike(outputs[k]!)),
    node.attributes.axis as number,
  ),
];
