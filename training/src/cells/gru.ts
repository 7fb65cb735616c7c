import { uniformFanIn, zeros } from "../layers/initializers.js";
import { affineMap } from "../layers/projection.js";
import type { Cell } from "./cell.js";
import { gruOperator } from "./operators.js";

/**
 * The gated recurrent unit (Cho et al. 2014):
 *
 *   z, r = σ(W x + U h₍t−1₎ + b)    h̃ = tanh(W x + V (r ∘ h₍t−1₎) + b)
 *   h = z ∘ h₍t−1₎ + (1 − z) ∘ h̃
 *
 * W [input, 3·hidden], U [hidden, 2·hidden], V [hidden, hidden], b [3·hidden], gates in the order z, r, h̃. The reset
 * gate acts on the state before V does, as in the article; cuDNN and PyTorch apply it after.
 */
export const gru: Cell = {
  states: ["h"],
  gates: 3,
  build(w, { name, input, hidden }) {
    const W = w.get(`${name}.W`, [input, 3 * hidden], uniformFanIn(hidden));
    const U = w.get(`${name}.U`, [hidden, 2 * hidden], uniformFanIn(hidden));
    const V = w.get(`${name}.V`, [hidden, hidden], uniformFanIn(hidden));
    const bias = w.get(`${name}.b`, [3 * hidden], zeros);
    return {
      project: (g, x) => affineMap(g, x, { W, b: bias }),
      step(g, projected, [h0]) {
        const [xg, xh] = g.split(projected, [2 * hidden, hidden], -1);
        const gates = g.sigmoid(g.add(xg!, g.matmul(h0!, U))); // [batch, 2·hidden]
        const [z, r] = g.split(gates, [hidden, hidden], -1);
        const candidate = g.tanh(g.add(xh!, g.matmul(g.mul(r!, h0!), V)));
        return [g.add(candidate, g.mul(z!, g.sub(h0!, candidate)))];
      },
      operator: gruOperator({ W, U, V, bias, hidden }),
    };
  },
};
