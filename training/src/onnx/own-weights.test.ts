import { describe, expect, it } from "vitest";
import { branch, scan } from "./control-flow.js";
import { type Body, bodiesOf, EditableModel, type Node } from "./editable-model.js";
import { Graph } from "./graph.js";
import { ownWeights } from "./own-weights.js";
import { createSession, float32, floats } from "./runtime.js";
import { serialize } from "./serialize.js";

const WIDTH = 8;
const weights = Float32Array.from({ length: WIDTH * WIDTH }, (_, k) => Math.sin(k + 1) / 3);

/** x → (x W) three times, in a Scan; `within`: how many branches are around it. */
function powers(within: 0 | 1): Uint8Array {
  const g = new Graph();
  const x = g.input("x", "float32", ["N", WIDTH]);
  const steps = g.input("steps", "float32", ["k", 1]);
  const W = g.initializer("W", weights, "float32", [WIDTH, WIDTH]);
  const scanned = (outer: Graph) =>
    scan(outer, {
      states: [x],
      scanned: [steps],
      body: (b, [state]) => ({ states: [b.matmul(state!, W)], outputs: [] }),
    }).states;
  const positive = g.greater(g.sumAll(steps), 0);
  const result = within === 0 ? scanned(g) : branch(g, positive, { yes: scanned, no: (no) => [no.identity(x)] });
  g.output(result[0]!, "y");
  return serialize(g);
}

function rewritten(model: Uint8Array): EditableModel {
  const editable = new EditableModel(model);
  ownWeights(editable);
  return editable;
}

function products(body: Body): { product: Node; body: Body }[] {
  return body.node!.flatMap((node) => [
    ...bodiesOf(node).flatMap(products),
    ...(node.opType === "MatMul" ? [{ product: node, body }] : []),
  ]);
}

async function run(model: Uint8Array): Promise<number[]> {
  const session = await createSession(model, { threads: 1 });
  const x = float32(Float32Array.from({ length: 2 * WIDTH }, Math.cos), [2, WIDTH]);
  const { y } = await session.run({ x, steps: float32(Float32Array.of(1, 1, 1), [3, 1]) });
  await session.release();
  return [...floats(y!)];
}

describe("weights of bodies", () => {
  it("are made in the body of the product when it lies in another body", () => {
    const [{ product, body }] = products(rewritten(powers(1)).main) as [ReturnType<typeof products>[0]];
    const made = body.node!.find((node) => node.output!.includes(product.input![1]!));
    expect(made).toMatchObject({ opType: "Reshape", input: ["W", "same_shape"] });
  });

  it("stay where they are in a body of the main graph", () => {
    const [{ product }] = products(rewritten(powers(0)).main) as [ReturnType<typeof products>[0]];
    expect(product.input![1]).toBe("W");
  });

  it("change nothing in what the model says, nor in its size but by some nodes", async () => {
    const model = powers(1);
    const own = rewritten(model).encode();
    expect(await run(own)).toEqual(await run(model));
    expect(own.length - model.length).toBeLessThan(weights.byteLength / 2);
  });

  it("are made once when a model is rewritten twice", () => {
    const once = rewritten(powers(1)).encode();
    expect(rewritten(once).encode()).toHaveLength(once.length);
  });
});
