import { affineMap } from "../layers/projection.js";
import { affine } from "./affine.js";
import type { Cell } from "./cell.js";
import { rnnOperator } from "./operators.js";

/** The simple recurrent network (Elman 1990): h = tanh(W x + U h₍t−1₎ + b). */
export const rnn: Cell = {
  states: ["h"],
  gates: 1,
  build(w, { name, input, hidden }) {
    const { W, U, bias } = affine(w, { name, input, hidden, gates: 1 });
    return {
      project: (g, x) => affineMap(g, x, { W, b: bias }),
      step: (g, projected, [h0]) => [g.tanh(g.add(projected, g.matmul(h0!, U)))],
      operator: rnnOperator({ W, U, bias, hidden }),
    };
  },
};
