import { describe, expect, it } from "vitest";
import { Random } from "./random.js";

const take = (random: Random, n: number) => Array.from({ length: n }, () => random.uniform());
const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;

describe("Random", () => {
  it("repeats by its key, and differs by any part of it", () => {
    expect(take(new Random(1, 2), 5)).toEqual(take(new Random(1, 2), 5));
    expect(take(new Random(1, 2), 5)).not.toEqual(take(new Random(2, 1), 5));
    expect(take(new Random(1), 5)).not.toEqual(take(new Random(1, 0), 5));
  });

  it("has the moments of its distributions", () => {
    const random = new Random(3);
    const uniform = take(random, 20_000);
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(Math.abs(mean(normal.map((x) => x * x)) - 1)).toBeLessThan(0.05);
  });

  it("shuffles without losing an item", () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = new Random(5).shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  });
});
