import type { GradientRule } from "../rule.js";
import { reducedAxes, restoreAxes } from "./reduced-axes.js";

/** y = ln Σ eˣ: dx = dy · e^(x − y), which over the last axis is dy · softmax(x). */
export const logSumExp: GradientRule = ({ g, node, inputs: [x], outputs: [y], gradients: [dy] }) => {
  const axes = reducedAxes(node, x!);
  const overLast = axes.length === 1 && axes[0] === x!.shape.length - 1;
  const share = overLast ? g.softmax(x!) : g.exp(g.sub(x!, restoreAxes(g, y!, x!, axes)));
  return [g.mul(share, restoreAxes(g, dy!, x!, axes))];
};
