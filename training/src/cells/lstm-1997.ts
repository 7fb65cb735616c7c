import { affineMap } from "../layers/projection.js";
import { affine } from "./affine.js";
import type { Cell } from "./cell.js";

/**
 * The first long short-term memory (Hochreiter & Schmidhuber 1997): the cell adds to itself with weight 1, the constant
 * error carousel, and has no gate to forget.
 *
 *   i, o = σ(W x + U h₍t−1₎ + b)    g = tanh(W x + U h₍t−1₎ + b)
 *   c = c₍t−1₎ + i ∘ g              h = o ∘ tanh(c)
 *
 * Gates in the order i, o, g. Unlike in the article of 1997 the gradient is not truncated at the gates, and g and h
 * squash to (−1, 1) by tanh.
 */
export const lstm1997: Cell = {
  states: ["h", "c"],
  gates: 3,
  build(w, { name, input, hidden }) {
    const { W, U, bias } = affine(w, { name, input, hidden, gates: 3 });
    return {
      project: (g, x) => affineMap(g, x, { W, b: bias }),
      step(g, projected, [h0, c0]) {
        const z = g.add(projected, g.matmul(h0!, U)); // [batch, 3·hidden]
        const [zi, zo, zg] = g.split(z, [hidden, hidden, hidden], -1);
        const [i, o] = [g.sigmoid(zi!), g.sigmoid(zo!)];
        const c = g.add(c0!, g.mul(i, g.tanh(zg!)));
        const h = g.mul(o, g.tanh(c));
        return [h, c];
      },
    };
  },
};
