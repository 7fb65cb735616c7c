import { forgetBias, uniformFanIn } from "../layers/initializers.js";
import { affineMap } from "../layers/projection.js";
import type { Cell } from "./cell.js";

/**
 * The peephole LSTM in the form in which the gates see all of the last cell and nothing of the last output:
 *
 *   f, i, o = σ(W x + U c₍t−1₎ + b)    g = tanh(W x + b)
 *   c = f ∘ c₍t−1₎ + i ∘ g             h = o ∘ tanh(c)
 *
 * W [input, 4·hidden], b [4·hidden], U [hidden, 3·hidden], gates in the order f, i, o, g. The bias of the forget gate
 * starts at 1.
 */
export const lstmPeepholeFull: Cell = {
  states: ["h", "c"],
  gates: 4,
  build(w, { name, input, hidden }) {
    const W = w.get(`${name}.W`, [input, 4 * hidden], uniformFanIn(hidden));
    const U = w.get(`${name}.U`, [hidden, 3 * hidden], uniformFanIn(hidden));
    const bias = w.get(`${name}.b`, [4 * hidden], forgetBias(hidden, 1, 0));
    return {
      project: (g, x) => affineMap(g, x, { W, b: bias }),
      step(g, projected, [, c0]) {
        const [x, zg] = g.split(projected, [3 * hidden, hidden], -1);
        const gates = g.sigmoid(g.add(x!, g.matmul(c0!, U))); // [batch, 3·hidden]
        const [f, i, o] = g.split(gates, [hidden, hidden, hidden], -1);
        const c = g.add(g.mul(f!, c0!), g.mul(i!, g.tanh(zg!)));
        const h = g.mul(o!, g.tanh(c));
        return [h, c];
      },
    };
  },
};
