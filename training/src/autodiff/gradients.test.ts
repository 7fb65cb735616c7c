import { describe, expect, it } from "vitest";
import { scan } from "../onnx/control-flow.js";
import { Graph } from "../onnx/graph.js";
import { type Check, gradientError } from "./finite-differences.js";
import { gradients } from "./gradients.js";
import { RULES } from "./rules/index.js";

const CHECKS: Record<string, Check> = {
  Add: { inputs: [[2, 3], [3]], build: (g, [a, b]) => g.add(a!, b!) },
  Concat: {
    inputs: [
      [2, 3],
      [2, 2],
    ],
    build: (g, [a, b]) => g.concat([a!, b!], 1),
  },
  Div: {
    inputs: [
      [2, 3],
      [2, 1],
    ],
    range: [1, 2],
    build: (g, [a, b]) => g.div(a!, b!),
  },
  Exp: { inputs: [[2, 3]], build: (g, [x]) => g.exp(x!) },
  Expand: { inputs: [[2, 1]], build: (g, [x]) => g.expand(x!, g.ints([3, 2, 4]), [3, 2, 4]) },
  Gather: { inputs: [[4, 3]], build: (g, [x]) => g.gather(x!, g.constant([2, 0, 2, 3], "int64", [2, 2])) },
  GatherElements: { inputs: [[3, 4]], build: (g, [x]) => g.gatherElements(x!, g.constant([1, 0, 3], "int64", [3, 1])) },
  Identity: { inputs: [[2]], build: (g, [x]) => g.identity(x!) },
  Log: { inputs: [[2, 3]], range: [1, 2], build: (g, [x]) => g.log(x!) },
  "MatMul of matrices": {
    inputs: [
      [2, 3],
      [3, 4],
    ],
    build: (g, [a, b]) => g.matmul(a!, b!),
  },
  "MatMul of a stack and a matrix": {
    inputs: [
      [2, 2, 3],
      [3, 4],
    ],
    build: (g, [a, b]) => g.matmul(a!, b!),
  },
  "MatMul of stacks": {
    inputs: [
      [2, 2, 3],
      [2, 3, 4],
    ],
    build: (g, [a, b]) => g.matmul(a!, b!),
  },
  "MatMul with unknown sizes": {
    inputs: [
      [2, 2, 3],
      [3, 4],
    ],
    named: [
      ["T", "B", 3],
      [3, 4],
    ],
    build: (g, [a, b]) => g.matmul(a!, b!),
  },
  Mul: {
    inputs: [
      [2, 1, 3],
      [2, 1],
    ],
    build: (g, [a, b]) => g.mul(a!, b!),
  },
  Neg: { inputs: [[3]], build: (g, [x]) => g.neg(x!) },
  Pad: { inputs: [[2, 3, 2]], build: (g, [x]) => g.pad(x!, { axis: 1, before: 2, after: 1 }) },
  "Pad that takes away": { inputs: [[2, 3]], build: (g, [x]) => g.pad(x!, { axis: 1, before: 1, after: -1 }) },
  "Pad that shifts": { inputs: [[2, 4]], build: (g, [x]) => g.shift(x!, 1, 3) },
  "Pad that shifts unknown sizes": {
    inputs: [[2, 5]],
    named: [["B", "E"]],
    build: (g, [x]) => g.exp(g.shift(x!, 2, -1)),
  },
  "ReduceLogSumExp over the last axis": { inputs: [[2, 5]], build: (g, [x]) => g.logSumExp(x!, [-1]) },
  "ReduceLogSumExp over the first axis": { inputs: [[2, 5]], build: (g, [x]) => g.logSumExp(x!, [0]) },
  ReduceMean: { inputs: [[2, 3, 2]], build: (g, [x]) => g.mean(x!, [0, 2]) },
  ReduceSum: { inputs: [[2, 3, 2]], build: (g, [x]) => g.sum(x!, [1]) },
  "ReduceSum of everything": { inputs: [[2, 3]], build: (g, [x]) => g.sumAll(x!) },
  Reshape: { inputs: [[2, 3]], build: (g, [x]) => g.reshape(x!, [3, 2]) },
  "Scan that multiplies by a captured matrix": {
    inputs: [
      [4, 2, 3],
      [3, 3],
      [2, 3],
    ],
    build: (g, [xs, w, h0]) =>
      scan(g, {
        states: [h0!],
        scanned: [xs!],
        body(b, [h], [x]) {
          const next = b.tanh(b.add(x!, b.matmul(h!, w!)));
          return { states: [next], outputs: [b.mul(next, x!)] };
        },
      }).outputs[0]!,
  },
  "Scan in reverse, its last state": {
    inputs: [[4, 2, 3], [3], [2, 3]],
    build: (g, [xs, peephole, h0]) =>
      scan(g, {
        states: [h0!],
        scanned: [xs!],
        reverse: 1,
        body(b, [h], [x]) {
          const next = b.tanh(b.add(x!, b.mul(h!, peephole!)));
          return { states: [next], outputs: [] };
        },
      }).states[0]!,
  },
  "Scan that attends to a captured memory": {
    inputs: [
      [3, 2, 4],
      [2, 5, 4],
      [2, 4],
    ],
    named: [
      ["T", "B", 4],
      ["B", "S", 4],
      ["B", 4],
    ],
    build: (g, [xs, memory, h0]) =>
      scan(g, {
        states: [h0!],
        scanned: [xs!],
        body(b, [h], [x]) {
          const query = b.unsqueeze(b.add(h!, x!), 1);
          const weights = b.softmax(b.matmul(query, g.transpose(memory!, [0, 2, 1])));
          const next = b.tanh(b.squeeze(b.matmul(weights, memory!), 1));
          return { states: [next], outputs: [next] };
        },
      }).outputs[0]!,
  },
  "Scan over one step": {
    inputs: [
      [1, 2, 3],
      [2, 3],
    ],
    build: (g, [xs, h0]) =>
      scan(g, {
        states: [h0!],
        scanned: [xs!],
        body: (b, [h], [x]) => ({ states: [b.mul(h!, x!)], outputs: [b.add(h!, x!)] }),
      }).outputs[0]!,
  },
  Sigmoid: { inputs: [[2, 3]], build: (g, [x]) => g.sigmoid(x!) },
  Softmax: { inputs: [[2, 5]], build: (g, [x]) => g.softmax(x!) },
  Split: {
    inputs: [[2, 5]],
    build: (g, [x]) => {
      const [a, , c] = g.split(x!, [2, 1, 2], 1);
      return g.mul(a!, c!);
    },
  },
  Squeeze: { inputs: [[2, 1, 3]], build: (g, [x]) => g.squeeze(x!, 1) },
  Sub: { inputs: [[3], [2, 3]], build: (g, [a, b]) => g.sub(a!, b!) },
  Tanh: { inputs: [[2, 3]], build: (g, [x]) => g.tanh(x!) },
  Transpose: { inputs: [[2, 3, 4]], build: (g, [x]) => g.transpose(x!, [2, 0, 1]) },
  Unsqueeze: { inputs: [[2, 3]], build: (g, [x]) => g.unsqueeze(x!, 1) },
  Where: {
    inputs: [[2, 3], [3]],
    build: (g, [a, b]) => g.where(g.constant([1, 0], "bool", [2, 1]), a!, b!),
  },
};

describe("every gradient rule against finite differences", () => {
  for (const [name, check] of Object.entries(CHECKS)) {
    it(name, async () => {
      expect(await gradientError(check)).toBeLessThan(2e-3);
    });
  }

  it("leaves out no operator that has a rule", () => {
    const checked = new Set(Object.keys(CHECKS).map((name) => name.split(" ")[0]));
    expect(Object.keys(RULES).filter((op) => !checked.has(op))).toEqual([]);
  });
});

describe("gradients", () => {
  it("names an operator that has no rule", () => {
    const g = new Graph();
    const x = g.input("x", "float32", [2]);
    const loss = g.sumAll(g.apply("Erf", [x], {}, [{ dtype: "float32", shape: [2] }])[0]!);
    expect(() => gradients(g, loss, [x])).toThrow("operator Erf has no gradient rule");
  });

  it("is not fooled by a wrong rule", async () => {
    // the negative control: the product's gradient for an operator that is not the product
    const wrong: Check = { inputs: [[3]], range: [1, 2], build: (g, [x]) => g.where(g.less(x!, 0), g.exp(x!), x!) };
    expect(await gradientError(wrong)).toBeLessThan(2e-3);
    const { mul } = await import("./rules/mul.js");
    const div = RULES.Div!;
    (RULES as Record<string, typeof div>).Div = mul;
    const error = await gradientError({ inputs: [[3], [3]], range: [2, 3], build: (g, [a, b]) => g.div(a!, b!) });
    (RULES as Record<string, typeof div>).Div = div;
    expect(error).toBeGreaterThan(0.1);
  });

  it("gives zeros for a value the loss does not depend on", async () => {
    expect(await gradientError({ inputs: [[2], [3]], build: (g, [a]) => g.exp(a!) })).toBeLessThan(2e-3);
  });
});
