import { forgetBias } from "../layers/initializers.js";
import { affineMap } from "../layers/projection.js";
import { affine } from "./affine.js";
import type { Cell } from "./cell.js";
import { lstmOperator } from "./operators.js";

/**
 * Long short-term memory with a forget gate (Gers, Schmidhuber & Cummins 2000):
 *
 *   i, f, o = σ(W x + U h₍t−1₎ + b)    g = tanh(W x + U h₍t−1₎ + b)
 *   c = f ∘ c₍t−1₎ + i ∘ g             h = o ∘ tanh(c)
 *
 * W [input, 4·hidden], U [hidden, 4·hidden], b [4·hidden], gates in the order i, f, o, g. The bias of the forget gate
 * starts at 1 (Jozefowicz et al. 2015).
 */
export const lstm: Cell = {
  states: ["h", "c"],
  gates: 4,
  build(w, { name, input, hidden }) {
    const { W, U, bias } = affine(w, { name, input, hidden, gates: 4, bias: forgetBias(hidden, 1) });
    return {
      project: (g, x) => affineMap(g, x, { W, b: bias }),
      step(g, projected, [h0, c0]) {
        const z = g.add(projected, g.matmul(h0!, U)); // [batch, 4·hidden]
        const [zi, zf, zo, zg] = g.split(z, [hidden, hidden, hidden, hidden], -1);
        const [i, f, o] = [g.sigmoid(zi!), g.sigmoid(zf!), g.sigmoid(zo!)];
        const c = g.add(g.mul(f, c0!), g.mul(i, g.tanh(zg!)));
        const h = g.mul(o, g.tanh(c));
        return [h, c];
      },
      operator: lstmOperator({ W, U, bias, hidden }),
    };
  },
};
