import { describe, expect, it } from "vitest";
import { constant, cosine, inverseSquareRoot, linear, plateau } from "./schedules.js";

describe("schedules", () => {
  it("constant stays", () => {
    const schedule = constant({ learningRate: 0.3 });
    expect([schedule.rate(1), schedule.rate(1000)]).toEqual([0.3, 0.3]);
  });

  it("inverse square root peaks at the end of the warmup", () => {
    const schedule = inverseSquareRoot({ learningRate: 2, warmupSteps: 100 });
    expect(schedule.rate(50)).toBeCloseTo(1, 10);
    expect(schedule.rate(100)).toBeCloseTo(2, 10);
    expect(schedule.rate(400)).toBeCloseTo(1, 10);
  });

  it("cosine goes from the rate to its final fraction", () => {
    const schedule = cosine({ learningRate: 1, warmupSteps: 10, totalSteps: 110, final: 0.1 });
    expect(schedule.rate(5)).toBeCloseTo(0.5, 10);
    expect(schedule.rate(10)).toBeCloseTo(1, 10);
    expect(schedule.rate(60)).toBeCloseTo(0.55, 10);
    expect(schedule.rate(110)).toBeCloseTo(0.1, 10);
    expect(schedule.rate(500)).toBeCloseTo(0.1, 10);
  });

  it("linear goes down a straight line", () => {
    const schedule = linear({ learningRate: 1, warmupSteps: 0, totalSteps: 100, final: 0 });
    expect(schedule.rate(25)).toBeCloseTo(0.75, 10);
    expect(schedule.rate(100)).toBeCloseTo(0, 10);
  });

  it("plateau halves after the patience is over, and not before", () => {
    const schedule = plateau({ learningRate: 1, warmupSteps: 4, factor: 0.5, patience: 2 });
    expect(schedule.rate(2)).toBe(0.5);
    for (const perplexity of [10, 9, 9.5]) schedule.observe(perplexity);
    expect(schedule.rate(10)).toBe(1);
    schedule.observe(9.1);
    expect(schedule.rate(10)).toBe(0.5);
    for (const perplexity of [8, 8, 8]) schedule.observe(perplexity);
    expect(schedule.rate(10)).toBe(0.25);
  });

  it("plateau continues from a saved state", () => {
    const options = { learningRate: 1, warmupSteps: 0, factor: 0.5, patience: 2 };
    const [first, second] = [plateau(options), plateau(options)];
    for (const perplexity of [5, 6]) first.observe(perplexity);
    second.state = JSON.parse(JSON.stringify(first.state));
    second.observe(6);
    expect(second.rate(1)).toBe(0.5);
  });
});
