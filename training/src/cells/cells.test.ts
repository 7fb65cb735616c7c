import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gradientError } from "../autodiff/finite-differences.js";
import { gradients } from "../autodiff/gradients.js";
import { noDropout } from "../layers/dropout.js";
import { recurrent, recurrentStack } from "../layers/recurrent.js";
import type { Weights } from "../layers/weights.js";
import { Graph } from "../onnx/graph.js";
import { createSession, type Feeds, float32, floats, integers, tensor } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import type { Value } from "../onnx/value.js";
import { Random } from "../random.js";
import type { Cell } from "./cell.js";
import { convLstmPeephole } from "./conv-lstm-peephole.js";
import { VECTOR_CELLS } from "./index.js";

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Fixture {
  readonly cell: string;
  readonly input: number;
  readonly hidden: number;
  readonly weights: Record<string, Numbers>;
  readonly x: Numbers;
  readonly outputs: Numbers;
  readonly last: readonly Numbers[];
  readonly gradients: Record<string, Numbers>;
}

const FIXTURES: Fixture[] = JSON.parse(
  readFileSync(new URL("../../../tests/fixtures/cells.json", import.meta.url), "utf8"),
);

const CELLS: Record<string, Cell> = {
  ...VECTOR_CELLS,
  "conv-lstm-peephole 1-D": convLstmPeephole(1),
  "conv-lstm-peephole 2-D": convLstmPeephole(2),
};

const SPACE = [3, 2];

/** Weights as graph inputs, under the names the cell gives them. */
class Inputs implements Weights {
  readonly values = new Map<string, Value>();
  constructor(private readonly g: Graph) {}
  get(name: string, shape: readonly number[]): Value {
    const value = this.values.get(name) ?? this.g.input(name, "float32", shape);
    this.values.set(name, value);
    return value;
  }
}

const close = (actual: Float32Array, expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((a, k) => {
    expect(Math.abs(a - expected[k]!)).toBeLessThan(2e-5);
  });
};

const feed = ({ data, shape }: Numbers) => float32(Float32Array.from(data), shape);

describe("cells", () => {
  it.each(FIXTURES)("$cell: outputs, states and gradients as the oracle has them", async (fixture) => {
    const g = new Graph();
    const w = new Inputs(g);
    const x = g.input("x", "float32", fixture.x.shape);
    const { outputs, states } = recurrent(g, x, { w, name: "", cell: CELLS[fixture.cell]!, hidden: fixture.hidden });
    const probe = g.input("probe", "float32", outputs.shape);
    const parts = [g.mul(outputs, probe), ...states.map((s) => g.mul(s, 0.5))].map((p) => g.sumAll(p));
    const loss = parts.reduce((a, b) => g.add(a, b));
    const wanted = [...w.values.values(), x];
    const grads = gradients(g, loss, wanted);
    g.output(outputs, "outputs");
    states.forEach((s, k) => void g.output(s, `last.${k}`));
    wanted.forEach((v, k) => void g.output(grads[k]!, `grad.${v.name}`));
    const session = await createSession(serialize(g), { threads: 1 });
    const probes = Float32Array.from(fixture.outputs.data, (_, k) => Math.sin(k));
    const feeds: Record<string, Feeds[string]> = { x: feed(fixture.x), probe: float32(probes, fixture.outputs.shape) };
    for (const [name, values] of Object.entries(fixture.weights)) feeds[`.${name}`] = feed(values);
    const result = await session.run(feeds);
    close(floats(result.outputs!), fixture.outputs.data);
    fixture.last.forEach((s, k) => {
      close(floats(result[`last.${k}`]!), s.data);
    });
    for (const [name, values] of Object.entries(fixture.gradients)) {
      close(floats(result[name === "x" ? "grad.x" : `grad..${name}`]!), values.data);
    }
    await session.release();
  });

  it.each(Object.entries(CELLS))("%s: stacked and bidirectional, against finite differences", async (_, cell) => {
    const [time, batch, input, hidden] = cell.space ? [2, 2, 1, 1] : [3, 2, 2, 2];
    const space = SPACE.slice(0, cell.space ?? 0);
    const shapes = weightShapes(cell, { input, hidden });
    const error = await gradientError({
      inputs: [[time, batch, ...space, input], ...shapes.map((s) => s.shape)],
      range: [-0.6, 0.6],
      build(g, [x, ...weights]) {
        const given = new Map(shapes.map((s, k) => [s.name, weights[k]!]));
        const alive = Array.from({ length: time * batch }, (_, k) => (k < time * batch - 1 ? 1 : 0)); // the second is shorter
        const mask = g.constant(alive, "bool", [time, batch, ...space.map(() => 1), 1]);
        const { outputs, states } = recurrentStack(g, x!, {
          w: { get: (name) => given.get(name)! },
          name: "r",
          cell,
          hidden,
          layers: 2,
          direction: "bidirectional",
          dropout: noDropout,
          mask,
        });
        return g.add(outputs, g.unsqueeze(states.at(-1)!, 0));
      },
    });
    expect(error).toBeLessThan(3e-3);
  });

  const withOperator = Object.entries(VECTOR_CELLS).filter(([name]) => /^(rnn|lstm|lstm-peephole|gru)$/.test(name));

  it.each(withOperator)("%s: the standard operator gives what the equations give", async (_, cell) => {
    const [time, batch, input, hidden] = [5, 3, 3, 4];
    const random = new Random(3);
    const draw = (n: number) => Float32Array.from({ length: n }, () => random.uniform() * 2 - 1);
    const g = new Graph();
    const values = new Map<string, Value>();
    const w: Weights = {
      get(name, shape) {
        if (!values.has(name)) {
          const data = draw(shape.reduce((a, b) => a * b, 1));
          values.set(name, g.initializer(name, data, "float32", shape));
        }
        return values.get(name)!;
      },
    };
    const x = g.input("x", "float32", ["T", "B", input]);
    const lengths = g.input("lengths", "int64", ["B"]);
    const mask = g.input("mask", "bool", ["T", "B", 1]);
    for (const reverse of [0, 1] as const) {
      const options = { w, name: `r${reverse}`, cell, hidden, mask, reverse };
      const scanned = recurrent(g, x, options);
      const operator = recurrent(g, x, { ...options, lengths });
      const difference = g.mul(g.sub(scanned.outputs, operator.outputs), g.cast(mask, "float32"));
      g.output(g.sumAll(g.mul(difference, difference)), `outputs.${reverse}`);
      scanned.states.forEach((s, k) => {
        const d = g.sub(s, operator.states[k]!);
        g.output(g.sumAll(g.mul(d, d)), `states.${reverse}.${k}`);
      });
    }
    expect(g.nodes.map((n) => n.op)).toContain(cell.states.length === 2 ? "LSTM" : cell.gates === 1 ? "RNN" : "GRU");
    const session = await createSession(serialize(g), { threads: 1 });
    const ends = [5, 2, 4];
    const alive = Uint8Array.from({ length: time * batch }, (_, k) =>
      Math.floor(k / batch) < ends[k % batch]! ? 1 : 0,
    );
    const result = await session.run({
      x: float32(draw(time * batch * input), [time, batch, input]),
      lengths: integers(ends, [batch]),
      mask: tensor("bool", alive, [time, batch, 1]),
    });
    for (const difference of Object.values(result)) expect(floats(difference)[0]).toBeLessThan(1e-9);
    await session.release();
  });
});

/** Names and shapes of the weights that a stack of two bidirectional layers asks for. */
function weightShapes(cell: Cell, { input, hidden }: { input: number; hidden: number }) {
  const g = new Graph();
  const w = new Inputs(g);
  const space = SPACE.slice(0, cell.space ?? 0);
  const x = g.input("x", "float32", [3, 2, ...space, input]);
  recurrentStack(g, x, { w, name: "r", cell, hidden, layers: 2, direction: "bidirectional", dropout: noDropout });
  return [...w.values.values()].map(({ name, shape }) => ({ name, shape: shape as number[] }));
}
