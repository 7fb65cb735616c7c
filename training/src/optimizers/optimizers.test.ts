import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { adam } from "./adam.js";
import { clippingScale, globalNorm } from "./clipping.js";
import { movingAverage } from "./moving-average.js";
import type { Optimizer } from "./optimizer.js";
import { sgd } from "./sgd.js";
import { triggeredAverage } from "./triggered-average.js";

const SIZE = 7;

/** Gradients that differ from step to step. */
function gradientsOf(step: number): Float32Array {
  const random = new Random(11, step);
  return Float32Array.from({ length: SIZE }, () => random.normal());
}

function walk(optimizer: Optimizer, options: { steps: number; learningRate: number; gradientScale: number }) {
  const parameters = Float32Array.from({ length: SIZE }, (_, i) => i / 10);
  for (let step = 1; step <= options.steps; step++) {
    optimizer.step({ parameters, gradients: gradientsOf(step), step, ...options });
  }
  return parameters;
}

function expectClose(actual: Float32Array, expected: readonly number[]) {
  expected.forEach((x, i) => {
    expect(actual[i]).toBeCloseTo(x, 5);
  });
}

describe("adam", () => {
  it("does what algorithm 1 of Kingma & Ba says", () => {
    const [beta1, beta2, epsilon, rate] = [0.8, 0.95, 1e-6, 0.05];
    const actual = walk(adam(SIZE, { beta1, beta2, epsilon }), { steps: 12, learningRate: rate, gradientScale: 0.5 });
    const expected = Array.from({ length: SIZE }, (_, i) => {
      let [w, m, v] = [i / 10, 0, 0];
      for (let t = 1; t <= 12; t++) {
        const g = gradientsOf(t)[i]! * 0.5;
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g ** 2;
        const mHat = m / (1 - beta1 ** t);
        const vHat = v / (1 - beta2 ** t);
        w -= (rate * mHat) / (Math.sqrt(vHat) + epsilon);
      }
      return w;
    });
    expectClose(actual, expected);
  });

  it("decays weights apart from the gradient", () => {
    const parameters = Float32Array.of(2);
    const optimizer = adam(1, { weightDecay: 0.1 });
    optimizer.step({ parameters, gradients: Float32Array.of(0), learningRate: 0.5, gradientScale: 1, step: 1 });
    expect(parameters[0]).toBeCloseTo(2 * (1 - 0.05), 6);
  });

  it("leaves alone what never has a gradient", () => {
    const parameters = Float32Array.of(3, 3);
    const optimizer = adam(2);
    optimizer.step({ parameters, gradients: Float32Array.of(0, 1), learningRate: 0.1, gradientScale: 1, step: 1 });
    expect(parameters[0]).toBe(3);
    expect(parameters[1]).toBeLessThan(3);
  });
});

describe("sgd", () => {
  it("goes against the gradient", () => {
    const actual = walk(sgd(SIZE), { steps: 3, learningRate: 0.1, gradientScale: 2 });
    const expected = Array.from(
      { length: SIZE },
      (_, i) => i / 10 - 0.2 * (gradientsOf(1)[i]! + gradientsOf(2)[i]! + gradientsOf(3)[i]!),
    );
    expectClose(actual, expected);
  });

  it("keeps a velocity with momentum", () => {
    const actual = walk(sgd(SIZE, { momentum: 0.9 }), { steps: 4, learningRate: 0.1, gradientScale: 1 });
    const expected = Array.from({ length: SIZE }, (_, i) => {
      let [w, velocity] = [i / 10, 0];
      for (let t = 1; t <= 4; t++) {
        velocity = 0.9 * velocity + gradientsOf(t)[i]!;
        w -= 0.1 * velocity;
      }
      return w;
    });
    expectClose(actual, expected);
  });
});

describe("sgd with weight decay", () => {
  it.each([0, 0.9])("adds its share of each parameter to the gradient, with momentum %s", (momentum) => {
    const options = { steps: 4, learningRate: 0.1, gradientScale: 0.5 };
    const actual = walk(sgd(SIZE, { momentum, weightDecay: 0.3 }), options);
    const expected = Array.from({ length: SIZE }, (_, i) => {
      let [w, velocity] = [i / 10, 0];
      for (let t = 1; t <= 4; t++) {
        velocity = momentum * velocity + 0.5 * gradientsOf(t)[i]! + 0.3 * w;
        w -= 0.1 * velocity;
      }
      return w;
    });
    expectClose(actual, expected);
  });
});

describe("clipping", () => {
  it("scales the global norm down to the maximum", () => {
    expect(globalNorm(Float32Array.of(3, 4, 0, 12))).toBeCloseTo(13, 10);
    expect(globalNorm(Float32Array.of(1, 2, 3, 4, 5, 6, 7))).toBeCloseTo(Math.sqrt(140), 10);
    expect(clippingScale(13, 6.5)).toBeCloseTo(0.5, 10);
  });

  it("does not scale up", () => {
    expect(clippingScale(0.5, 1)).toBe(1);
    expect(clippingScale(0, 1)).toBe(1);
  });

  it("shows a gradient that is not a number", () => {
    expect(globalNorm(Float32Array.of(1, Number.NaN))).toBeNaN();
  });
});

describe("the moving average", () => {
  it("forgets the first parameters, then follows with the decay", () => {
    const first = Float32Array.of(100, -100);
    const average = movingAverage(first, { decay: 0.5 });
    average.update(Float32Array.of(1, 2), 1);
    expectClose(average.values, [0.1 * 100 + 0.9, -0.1 * 100 + 0.9 * 2]);
    for (let step = 2; step <= 9; step++) average.update(Float32Array.of(1, 2), step);
    const before = [...average.values];
    average.update(Float32Array.of(5, 6), 10);
    expectClose(average.values, [(before[0]! + 5) / 2, (before[1]! + 6) / 2]);
    expect([...first]).toEqual([100, -100]);
  });
});

describe("the triggered average", () => {
  /** The validation at which algorithm 1 of Merity et al. triggers. */
  function triggerOf(perplexities: readonly number[], n: number): number | undefined {
    const logs: number[] = [];
    for (const [t, v] of perplexities.entries()) {
      if (t > n && v > Math.min(...logs.slice(0, t - n))) return t;
      logs.push(v);
    }
    return undefined;
  }

  it("begins as algorithm 1 of Merity et al. says", () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = new Random(seed);
      const perplexities = Array.from({ length: 30 }, (_, t) => 100 / (t + 1) + random.below(10));
      const interval = 1 + (seed % 5);
      const average = triggeredAverage(1, { interval });
      const began = perplexities.findIndex((perplexity, t) => {
        average.observe(perplexity);
        average.update(Float32Array.of(0), t + 1);
        return average.active;
      });
      expect(began).toBe(triggerOf(perplexities, interval) ?? -1);
    }
  });

  it("is the mean over all steps after that, and goes on from its state", () => {
    const begin = triggeredAverage(2, { interval: 1 });
    const steps = [3, 5, 10].map((x) => Float32Array.of(x, -x));
    for (const perplexity of [4, 3, 5]) {
      begin.update(Float32Array.of(99, 99), 1);
      begin.observe(perplexity);
    }
    expect(begin.active).toBe(false);
    begin.update(steps[0]!, 2);
    const resumed = triggeredAverage(2, { interval: 1 });
    resumed.values.set(begin.values);
    resumed.state = JSON.parse(JSON.stringify(begin.state));
    for (const parameters of steps.slice(1)) resumed.update(parameters, 3);
    expect(resumed.active).toBe(true);
    expectClose(resumed.values, [6, -6]);
  });
});
