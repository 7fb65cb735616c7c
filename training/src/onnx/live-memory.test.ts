import { describe, expect, it } from "vitest";
import { scan } from "./control-flow.js";
import { Graph } from "./graph.js";
import { liveMemory } from "./live-memory.js";

describe("the memory that a graph holds at once", () => {
  it("is that of the values between their making and their last use", () => {
    const g = new Graph();
    const x = g.input("x", "float32", ["B", 10]);
    const a = g.tanh(x); // 40 B
    const b = g.mul(a, 2); // a and b
    const c = g.mul(b, 3); // a, b and c: a is used below
    const d = g.add(a, c); // a, c and d, of which d is the output
    g.output(d, "d");
    expect(liveMemory(g)({ B: 1 })).toBe(3 * 40);
    expect(liveMemory(g)({ B: 7 })).toBe(7 * 3 * 40);
  });

  it("counts a view once, and neither inputs, weights nor outputs", () => {
    const g = new Graph();
    const x = g.input("x", "float32", ["B", 4]);
    const w = g.initializer("w", new Float32Array(4), "float32", [4]);
    const a = g.mul(x, w);
    const row = g.unsqueeze(a, 0);
    g.output(g.tanh(row), "out");
    expect(liveMemory(g)({ B: 5 })).toBe(5 * 16);
  });

  it("knows sizes that are sums and products, and 8-byte integers", () => {
    const g = new Graph();
    const x = g.input("x", "int64", ["S*B", "S+T"]);
    g.output(g.cast(g.add(x, 1), "float32"), "out");
    expect(liveMemory(g)({ B: 2, S: 3, T: 4 })).toBe(6 * 7 * 8);
  });

  it("takes a length that the graph computes for the longest one, however many the sentences are", () => {
    const g = new Graph();
    const x = g.input("x", "float32", ["rows", "B", 4]);
    g.output(g.sumAll(g.tanh(x)), "sum");
    expect(liveMemory(g)({ S: 5, T: 3, B: 100 })).toBe(5 * 100 * 4 * 4);
  });

  it("of a recurrence holds all stacked outputs, and one step of its body", () => {
    const g = new Graph();
    const x = g.input("x", "float32", ["T", "B", 8]);
    const start = g.input("h", "float32", ["B", 8]);
    const { outputs } = scan(g, {
      states: [start],
      scanned: [x],
      body(b, [h], [slice]) {
        const sum = b.add(h!, slice!);
        return { states: [b.tanh(sum)], outputs: [b.exp(sum)] };
      },
    });
    g.output(g.sumAll(outputs[0]!), "sum");
    const [B, T] = [3, 11];
    const slice = B * 8 * 4;
    // the last state and T outputs; in the body the sum, its results being outputs
    expect(liveMemory(g)({ B, T })).toBe(slice + T * slice + slice);
  });
});
