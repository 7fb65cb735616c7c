import { forgetBias, uniformFanIn } from "../layers/initializers.js";
import { neighbourhood } from "../layers/neighbourhood.js";
import { affineMap } from "../layers/projection.js";
import type { Cell } from "./cell.js";

/** Odd; each output sees KERNEL neighbours along every axis of the map. */
const KERNEL = 3;

/**
 * Convolutional long short-term memory with peepholes (Shi et al. 2015). State and input are feature maps, and ∗ is a
 * convolution over their space, zero beyond the edge:
 *
 *   i, f = σ(W ∗ x + U ∗ h₍t−1₎ + V ∘ c₍t−1₎ + b)    g = tanh(W ∗ x + U ∗ h₍t−1₎ + b)
 *   c = f ∘ c₍t−1₎ + i ∘ g
 *   o = σ(W ∗ x + U ∗ h₍t−1₎ + V ∘ c + b)            h = o ∘ tanh(c)
 *
 * Maps have their channels last: x [batch, …space, input], h and c [batch, …space, hidden]. A convolution is one product
 * of the neighbourhood of each place, [KERNEL^space · channels], with W [KERNEL^space · input, 4·hidden] or
 * U [KERNEL^space · hidden, 4·hidden]. Gates in the order i, f, o, g; V has one weight a channel, the same at every
 * place, so that maps may be of any size.
 */
export function convLstmPeephole(space: 1 | 2): Cell {
  const places = KERNEL ** space;
  return {
    states: ["h", "c"],
    gates: 4,
    space,
    build(w, { name, input, hidden }) {
      const fanIn = uniformFanIn(places * hidden);
      const W = w.get(`${name}.W`, [places * input, 4 * hidden], fanIn);
      const U = w.get(`${name}.U`, [places * hidden, 4 * hidden], fanIn);
      const bias = w.get(`${name}.b`, [4 * hidden], forgetBias(hidden, 1));
      const peephole = (gate: string) => w.get(`${name}.V.${gate}`, [hidden], fanIn);
      const [vi, vf, vo] = [peephole("i"), peephole("f"), peephole("o")];
      return {
        project: (g, x) => affineMap(g, neighbourhood(g, x, { space, kernel: KERNEL }), { W, b: bias }),
        step(g, projected, [h0, c0]) {
          const z = g.add(projected, g.matmul(neighbourhood(g, h0!, { space, kernel: KERNEL }), U));
          const [zi, zf, zo, zg] = g.split(z, [hidden, hidden, hidden, hidden], -1); // [batch, …space, hidden]
          const i = g.sigmoid(g.add(zi!, g.mul(c0!, vi)));
          const f = g.sigmoid(g.add(zf!, g.mul(c0!, vf)));
          const c = g.add(g.mul(f, c0!), g.mul(i, g.tanh(zg!)));
          const o = g.sigmoid(g.add(zo!, g.mul(c, vo)));
          const h = g.mul(o, g.tanh(c));
          return [h, c];
        },
      };
    },
  };
}
