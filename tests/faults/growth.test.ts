import { describe, expect, it } from "vitest";
import { growsFasterThan, type Point, slope } from "./growth.js";
import { Random } from "./random.js";

/** An hour of samples around a line, and a heap that rises for three minutes each time until it is collected. */
function series({ perHour, noise }: { perHour: number; noise: number }): Point[] {
  const random = new Random(1);
  return Array.from({ length: 360 }, (_, k) => {
    const hours = k / 360;
    const uneven = random.below(1000) / 1000 + (k % 18) / 18 - 1;
    return { hours, value: 100 + perHour * hours + noise * uneven };
  });
}

describe("growth", () => {
  it("is the slope of a line where there is one", () => {
    const { perHour, error } = slope(series({ perHour: -3, noise: 0 }));
    expect(perHour).toBeCloseTo(-3, 9);
    expect(error).toBeCloseTo(0, 9);
  });

  it("is told from noise", () => {
    expect(growsFasterThan(8, slope(series({ perHour: 0, noise: 20 })))).toBe(false);
    expect(growsFasterThan(8, slope(series({ perHour: 4, noise: 4 })))).toBe(false);
    expect(growsFasterThan(8, slope(series({ perHour: 12, noise: 4 })))).toBe(true);
  });
});
