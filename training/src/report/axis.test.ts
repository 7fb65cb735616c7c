import { describe, expect, it } from "vitest";
import { linearAxis, logarithmicAxis } from "./axis.js";

const labels = (axis: { ticks: readonly { label: string }[] }) => axis.ticks.map((t) => t.label);

describe("an axis", () => {
  it("has round ticks inside its ends", () => {
    expect(labels(linearAxis({ low: 0, high: 3000, ticks: 5 }))).toEqual([
      "0",
      "500",
      "1,000",
      "1,500",
      "2,000",
      "2,500",
      "3,000",
    ]);
    expect(labels(linearAxis({ low: 1.93, high: 2.41, ticks: 5 }))).toEqual(["2.0", "2.1", "2.2", "2.3", "2.4"]);
    expect(labels(linearAxis({ low: 0, high: 0.003, ticks: 5 }))).toEqual([
      "0",
      "0.0005",
      "0.0010",
      "0.0015",
      "0.0020",
      "0.0025",
      "0.0030",
    ]);
    expect(labels(linearAxis({ low: 0, high: 5e-6, ticks: 5 }))).toEqual(["0", "1e−6", "2e−6", "3e−6", "4e−6", "5e−6"]);
  });

  it("has 1, 2 and 5 times powers of ten where ratios count", () => {
    const axis = logarithmicAxis({ low: 4, high: 120, ticks: 5 });
    expect(labels(axis)).toEqual(["5", "10", "20", "50", "100"]);
    expect(axis.position(4)).toBe(0);
    expect(axis.position(Math.sqrt(4 * 120))).toBeCloseTo(0.5, 12);
  });

  it("of less than a decade has ticks as a linear one", () => {
    expect(labels(logarithmicAxis({ low: 4.1, high: 5.2, ticks: 5 }))).toEqual([
      "4.2",
      "4.4",
      "4.6",
      "4.8",
      "5.0",
      "5.2",
    ]);
  });
});
