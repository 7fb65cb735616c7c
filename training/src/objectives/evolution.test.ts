import { describe, expect, it } from "vitest";
import { sgd } from "../optimizers/sgd.js";
import { Random } from "../random.js";
import { centeredRanks, type EvolutionOptions, EvolutionStrategy, type Fitness } from "./evolution.js";

const GOAL = [1, -2, 0.5, 3];

function distance(candidate: Float32Array): number {
  return Math.hypot(...candidate.map((p, k) => p - GOAL[k]!));
}

async function evolved(fitness: Fitness, options: Partial<EvolutionOptions> & { generations?: number } = {}) {
  const { generations = 150, ...rest } = options;
  const strategy = new EvolutionStrategy(new Float32Array(GOAL.length), {
    fitness,
    pairs: 10,
    sigma: 0.1,
    learningRate: 0.05,
    seed: 1,
    ...rest,
  });
  const course = [];
  for (let generation = 1; generation <= generations; generation++) course.push(await strategy.step(generation));
  return { parameters: strategy.parameters, course };
}

describe("evolution strategies", () => {
  it("climb a fitness", async () => {
    const { parameters, course } = await evolved((c) => -distance(c));
    expect(distance(parameters)).toBeLessThan(0.2);
    expect(course[0]!.mean).toBeCloseTo(-distance(new Float32Array(4)), 0);
    expect(course.at(-1)!.mean).toBeGreaterThan(-0.4);
    expect(course.at(-1)!.best).toBeGreaterThan(course.at(-1)!.mean);
  });

  it("climb steps, which have no slope anywhere", async () => {
    const { parameters } = await evolved((c) => -Math.floor(4 * distance(c)), { sigma: 0.2, generations: 300 });
    expect(distance(parameters)).toBeLessThan(0.4);
  });

  it("go along the gradient of a linear fitness, by as much as ranks tell", async () => {
    const slope = GOAL.map((g) => g / Math.hypot(...GOAL));
    const fitness: Fitness = (c) => c.reduce((sum, p, k) => sum + p * slope[k]!, 0);
    const optimizer = sgd(GOAL.length, { momentum: 0 });
    const { parameters } = await evolved(fitness, { pairs: 20_000, generations: 1, learningRate: 1, optimizer });
    // ranks are Φ(z) − ½ of a standard normal z: E[(Φ(z) − ½)·z] = 1 / (2√π)
    const expected = slope.map((s) => s / (2 * Math.sqrt(Math.PI)) / 0.1);
    parameters.forEach((p, k) => void expect(Math.abs(p - expected[k]!)).toBeLessThan(0.06));
  });

  it("do not care about the scale of fitness, nor how far off an outlier is", async () => {
    const [plain, scaled] = [
      await evolved((c) => -distance(c), { generations: 20 }),
      await evolved((c) => -Math.exp(5 * distance(c)), { generations: 20 }),
    ];
    expect(scaled.parameters).toEqual(plain.parameters);
  });

  it("try every direction both ways, with noise of the size that is asked for", async () => {
    const tried: Float32Array[] = [];
    await evolved((c) => tried.push(c.slice()), { pairs: 2000, generations: 1, sigma: 0.3 });
    for (let k = 0; k < tried.length; k += 2) {
      const [forward, backward] = [tried[k]!, tried[k + 1]!];
      expect(backward).toEqual(forward.map((p) => -p));
    }
    const all = tried.flatMap((c) => [...c]);
    expect(Math.sqrt(all.reduce((sum, p) => sum + p * p, 0) / all.length)).toBeCloseTo(0.3, 2);
  });

  it("repeat by their seed", async () => {
    const fitness: Fitness = (c, generation) => -distance(c) + new Random(generation).uniform();
    const run = (seed: number) => evolved(fitness, { seed, generations: 5 });
    expect((await run(1)).parameters).toEqual((await run(1)).parameters);
    expect((await run(2)).parameters).not.toEqual((await run(1)).parameters);
  });

  it("stay where they are when nothing is better than anything", async () => {
    const { parameters } = await evolved(() => 1, { generations: 3 });
    expect([...parameters]).toEqual([0, 0, 0, 0]);
  });
});

describe("ranks", () => {
  it("go from −½ to ½, shared by equals, with NaN below all", () => {
    expect(centeredRanks([10, 1e9, -3])).toEqual([0, 0.5, -0.5]);
    expect(centeredRanks([2, 1, 2, 3, 2])).toEqual([0, -0.5, 0, 0.5, 0]);
    expect(centeredRanks([1, Number.NaN, 0])).toEqual([0.5, -0.5, 0]);
    expect(centeredRanks([Number.NaN, Number.NaN])).toEqual([0, 0]);
  });
});
