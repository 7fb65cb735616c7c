import { forgetBias, uniformFanIn } from "../layers/initializers.js";
import { affineMap } from "../layers/projection.js";
import { affine } from "./affine.js";
import type { Cell } from "./cell.js";
import { lstmOperator } from "./operators.js";

/**
 * Long short-term memory whose gates see the cell through diagonal peepholes (Gers & Schmidhuber 2000):
 *
 *   i, f = σ(W x + U h₍t−1₎ + p ∘ c₍t−1₎ + b)    g = tanh(W x + U h₍t−1₎ + b)
 *   c = f ∘ c₍t−1₎ + i ∘ g
 *   o = σ(W x + U h₍t−1₎ + p ∘ c + b)            h = o ∘ tanh(c)
 *
 * Gates in the order i, f, o, g; one p [hidden] for each of i, f, o.
 */
export const lstmPeephole: Cell = {
  states: ["h", "c"],
  gates: 4,
  build(w, { name, input, hidden }) {
    const { W, U, bias } = affine(w, { name, input, hidden, gates: 4, bias: forgetBias(hidden, 1) });
    const peephole = (gate: string) => w.get(`${name}.p.${gate}`, [hidden], uniformFanIn(hidden));
    const [pi, pf, po] = [peephole("i"), peephole("f"), peephole("o")];
    return {
      project: (g, x) => affineMap(g, x, { W, b: bias }),
      step(g, projected, [h0, c0]) {
        const z = g.add(projected, g.matmul(h0!, U)); // [batch, 4·hidden]
        const [zi, zf, zo, zg] = g.split(z, [hidden, hidden, hidden, hidden], -1);
        const i = g.sigmoid(g.add(zi!, g.mul(c0!, pi)));
        const f = g.sigmoid(g.add(zf!, g.mul(c0!, pf)));
        const c = g.add(g.mul(f, c0!), g.mul(i, g.tanh(zg!)));
        const o = g.sigmoid(g.add(zo!, g.mul(c, po)));
        const h = g.mul(o, g.tanh(c));
        return [h, c];
      },
      operator: lstmOperator({ W, U, bias, hidden, peepholes: [pi, pf, po] }),
    };
  },
};
