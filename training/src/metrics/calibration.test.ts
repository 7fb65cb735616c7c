import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { crossFitted, fitLogistic, predictLogistic, reliability } from "./calibration.js";

const random = new Random(3);
const rows = Array.from({ length: 4000 }, () => [3 * random.normal() + 5, random.normal(), 7]);
const truth = { bias: -1, weights: [0.4, -2, 0] };
const targets = rows.map((row) => (random.uniform() < predictLogistic(truth, row) ? 1 : 0));

describe("calibration", () => {
  it("finds the weights that targets were drawn with, and none for a feature that never changes", () => {
    const fit = fitLogistic(rows, targets);
    expect(fit.weights[0]).toBeCloseTo(0.4, 1);
    expect(Math.abs(fit.weights[1]! + 2)).toBeLessThan(0.15);
    expect(fit.weights[2]).toBe(0);
    expect(Math.abs(fit.bias + 1)).toBeLessThan(0.3);
  });

  it("leaves out what would have the wrong sign, and gives its part to others", () => {
    const doubled = rows.map(([a, b]) => [a!, a! + 0.5 * b!]);
    const free = fitLogistic(doubled, targets);
    expect(free.weights[0]).toBeGreaterThan(0);
    expect(free.weights[1]).toBeLessThan(0);
    const held = fitLogistic(doubled, targets, [1, 1]);
    expect(held.weights[0]).toBeGreaterThan(0);
    expect(held.weights[1]).toBe(0);
    expect(held.weights[0]).toBeCloseTo(
      fitLogistic(
        rows.map(([a]) => [a!]),
        targets,
      ).weights[0]!,
      3,
    );
  });

  it("expects on average what is found, of shares as of yes and no", () => {
    const shares = rows.map((row) => predictLogistic(truth, row) ** 2);
    const fit = fitLogistic(rows, shares);
    const expected = rows.map((row) => predictLogistic(fit, row));
    const total = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
    expect(total(expected) / rows.length).toBeCloseTo(total(shares) / rows.length, 3);
  });

  it("is told reliable from unreliable, on rows that a fit has not seen", () => {
    const expected = crossFitted(rows, targets, { folds: 5 });
    const good = reliability(expected, targets, { bins: 10 });
    expect(good.bins.map((b) => b.rows)).toEqual(new Array(10).fill(400));
    expect(good.error).toBeLessThan(0.03);
    const sure = reliability(
      expected.map((p) => (p > 0.5 ? 0.99 : 0.01)),
      targets,
      { bins: 10 },
    );
    expect(sure.error).toBeGreaterThan(0.1);
  });
});
