import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { averageParameters, writeParameters } from "./parameter-files.js";
import { ParameterLayout } from "./parameters.js";

const layout = new ParameterLayout([
  { name: "W", shape: [3, 5], initialize: () => new Float32Array(15).fill(2) },
  { name: "b", shape: [], initialize: (random) => Float32Array.of(random.uniform()) },
]);

describe("parameters", () => {
  it("lie in one flat array that their tensors are views of", () => {
    const flat = layout.initialize(new Random(1));
    expect([layout.size, layout.count]).toEqual([32, 16]);
    expect(Array.from(flat.subarray(0, 16))).toEqual([...Array(15).fill(2), 0]);
    const { "grad.W": W } = layout.tensors(flat, "grad.");
    flat[0] = 7;
    expect((W!.data as Float32Array)[0]).toBe(7);
    expect(layout.named(flat).get("b")!.data[0]).toBe(flat[16]);
  });

  it("must be as many as their shape holds", () => {
    const wrong = new ParameterLayout([{ name: "W", shape: [2], initialize: () => new Float32Array(3) }]);
    expect(() => wrong.initialize(new Random(1))).toThrow(/W: initialize gave 3 numbers for \[2\]/);
  });

  it("are averaged over files", async () => {
    const folder = await mkdtemp(join(tmpdir(), "carousel-average-"));
    const paths = [1, 2, 6].map((x) => join(folder, `${x}.bin`));
    for (const [i, x] of [1, 2, 6].entries()) await writeParameters(paths[i]!, Float32Array.of(x, -x));
    const mean = await averageParameters(paths);
    expect(mean[0]).toBeCloseTo(3, 5);
    expect(mean[1]).toBeCloseTo(-3, 5);
  });
});
