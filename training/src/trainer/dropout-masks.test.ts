import { describe, expect, it } from "vitest";
import { DropoutMasks, fillMask } from "./dropout-masks.js";

const specs = [
  { input: "a", rate: 0.3, shape: ["T", "B", 16] },
  { input: "b", rate: 0.3, shape: ["S", 3] },
] as const;
const sizes = { B: 4, S: 5, T: 6 };

describe("dropout masks", () => {
  it("have the shape of the batch", () => {
    const masks = new DropoutMasks(specs, 1).draw({ step: 1, sizes });
    expect(masks.a!.dims).toEqual([6, 4, 16]);
    expect(masks.b!.dims).toEqual([5, 3]);
  });

  it("follow from seed, step and input", () => {
    const draw = (seed: number, step: number) =>
      Array.from(new DropoutMasks(specs, seed).draw({ step, sizes }).a!.data as Float32Array);
    const later = new DropoutMasks(specs, 1);
    later.draw({ step: 1, sizes: { B: 9, S: 9, T: 9 } });
    expect(Array.from(later.draw({ step: 2, sizes }).a!.data as Float32Array)).toEqual(draw(1, 2));
    expect(draw(1, 2)).not.toEqual(draw(1, 3));
    expect(draw(1, 2)).not.toEqual(draw(2, 2));
    const { a, b } = new DropoutMasks(specs, 1).draw({ step: 1, sizes });
    expect((a!.data as Float32Array).slice(0, 15)).not.toEqual(b!.data);
  });

  it("are the same for several steps in one run", () => {
    const steps = [
      { step: 3, sizes },
      { step: 4, sizes: { B: 7, S: 2, T: 9 } },
    ];
    const several = new DropoutMasks(specs, 1).drawStacked(steps);
    steps.forEach((at, i) => {
      for (const [name, mask] of Object.entries(new DropoutMasks(specs, 1).draw(at))) {
        const [start, end] = ["start", "end"].map((k) => Number(several[`${name}.${k}`]!.data[i]));
        expect((several[name]!.data as Float32Array).slice(start, end)).toEqual(mask.data);
      }
    });
  });

  it.each([0.1, 0.25, 0.5, 0.8])("of rate %f keep the expectation, and neighbours are independent", (rate) => {
    const mask = new Float32Array(100_000);
    fillMask(mask, { rate, key: 77 });
    const kept = Math.fround(1 / (1 - rate));
    expect([...new Set(mask)].toSorted((a, b) => a - b)).toEqual([0, kept]);
    const share = (of: (i: number) => boolean) => mask.reduce((n, _, i) => n + (of(i) ? 1 : 0), 0) / mask.length;
    expect(share((i) => mask[i] === 0)).toBeCloseTo(rate, 2);
    expect(share((i) => mask[i] === 0 && mask[i + 1] === 0)).toBeCloseTo(rate * rate, 2);
    expect(share((i) => mask[i] === 0 && mask[i + 2] === 0)).toBeCloseTo(rate * rate, 2);
  });
});
