import type { Cell } from "@carousel/training/cells/cell";
import { linear } from "@carousel/training/layers/projection";
import { recurrent } from "@carousel/training/layers/recurrent";
import { float32 } from "@carousel/training/onnx/runtime";
import type { Random } from "@carousel/training/random";
import type { RecallExperiment } from "./recall.js";
import type { Task } from "./task.js";

export interface Addition {
  /** Uniform in [0, 1), one a step. */
  readonly values: number[];
  /** The two steps whose values are to be added: one in each half. */
  readonly marked: readonly [number, number];
  readonly sum: number;
}

/** One example of the adding problem (Hochreiter & Schmidhuber 1997) as Arjovsky et al. 2015 set it up. */
export function additionExample(random: Random, length: number): Addition {
  const values = Array.from({ length }, () => random.uniform());
  const half = Math.floor(length / 2);
  const marked = [random.below(half), half + random.below(length - half)] as const;
  return { values, marked, sum: values[marked[0]]! + values[marked[1]]! };
}

/** The mean squared error of always saying 1: the variance of the sum of two numbers uniform in [0, 1]. */
export const MEMORYLESS_ERROR = 1 / 6;

/** The adding problem for one layer of a cell; its loss is the mean squared error after the last step. */
export function addingProblem(options: { lag: number; cell: Cell; hidden: number; batch: number }): Task {
  const { lag: length, cell, hidden, batch } = options;
  return {
    build(g, w) {
      const x = g.input("x", "float32", [length, batch, 2]);
      const sums = g.input("sums", "float32", [batch, 1]);
      const { states } = recurrent(g, x, { w, name: "memory", cell, hidden });
      const said = linear(w, { name: "output", input: hidden, output: 1 })(g, states[0]!); // [batch, 1]
      const error = g.sub(said, sums);
      const near = g.less(g.mul(error, error), NEAR ** 2);
      return {
        loss: g.mean(g.mul(error, error), [0, 1]),
        measures: { recalled: g.mean(g.cast(near, "float32"), [0, 1]) },
      };
    },
    draw(random) {
      const examples = Array.from({ length: batch }, () => additionExample(random, length));
      const x = new Float32Array(length * batch * 2);
      examples.forEach(({ values, marked }, b) => {
        for (let t = 0; t < length; t++) x[(t * batch + b) * 2] = values[t]!;
        for (const t of marked) x[(t * batch + b) * 2 + 1] = 1;
      });
      const sums = Float32Array.from(examples, (e) => e.sum);
      return { x: float32(x, [length, batch, 2]), sums: float32(sums, [batch, 1]) };
    },
  };
}

/** An answer is right when it is less than this away: the bound of Hochreiter & Schmidhuber 1997. */
const NEAR = 0.04;

export const ADDING: RecallExperiment = {
  name: "adding",
  title: (lag) => `The adding problem, sequences of ${lag} numbers`,
  baseline: () => MEMORYLESS_ERROR,
  unit: "Mean squared error",
  task: addingProblem,
};
