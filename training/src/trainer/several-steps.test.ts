import { describe, expect, it } from "vitest";
import type { Batch, Epoch } from "../data/batch.js";
import { translationTraining } from "../data/translation-data.js";
import { createSession, DeviceError } from "../onnx/runtime.js";
import { Random } from "../random.js";
import type { TranslationRecipe } from "../recipe/index.js";
import { DivergenceError } from "./divergence-error.js";
import { trainGraphOf } from "./from-recipe.js";
import { createLearner, release } from "./learner.js";
import { toyTranslation } from "./test-support/toy-translation.js";

const VOCABULARY = 12;

const RECIPE = toyTranslation(
  VOCABULARY,
  `
model:
  embedding: 8
  encoder: { hidden: 8, bidirectional: true }
  decoder: { hidden: 12 }
  inputFeeding: true
  dropout: { input: 0.2, output: 0.2, recurrent: 0.1, embedding: 0.1 }
training:
  learningRate: 0.01
  batchTokens: 60
  maxSteps: 7
  validateEvery: 7
  clipNorm: 0.5
  threads: 1
`,
);

const OPTIMIZERS: Record<string, TranslationRecipe["training"]["optimizer"]> = {
  adam: { kind: "adam", beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
  adamw: { kind: "adam", beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 },
  sgd: { kind: "sgd", momentum: 0, weightDecay: 0.01 },
  momentum: { kind: "sgd", momentum: 0.9, weightDecay: 0 },
};

function epoch(): Epoch {
  const random = new Random(3);
  const pairs = Array.from({ length: 60 }, () => {
    const source = Array.from({ length: 1 + random.below(9) }, () => 4 + random.below(VOCABULARY - 4));
    return { source, target: source.toReversed() };
  });
  return translationTraining(pairs, RECIPE.training).epoch(0);
}

/** The first steps, in runs of at most `stepsPerRun`. */
async function steps(settings: Partial<TranslationRecipe["training"]>, runs: readonly number[]) {
  const training = { ...RECIPE.training, ...settings };
  const graph = trainGraphOf({ ...RECIPE, training }, { source: VOCABULARY, target: VOCABULARY });
  const data = epoch();
  const learner = await createLearner({ graph, training, batchesPerEpoch: data.length });
  const results = [];
  const batches: Batch[] = [];
  for (const count of runs) {
    const step = batches.length + 1;
    const next = Array.from({ length: count }, (_, k) => data.batch(batches.length + k));
    batches.push(...next);
    const learningRates = next.map((_, k) => 0.01 / (step + k));
    results.push(...(await learner.steps.run(next, { step, learningRates })));
  }
  await release(learner);
  return { results, learner, batches };
}

describe("several steps in one run", () => {
  it.each(Object.entries(OPTIMIZERS))("are those of %s, one by one", async (_, optimizer) => {
    const alone = await steps({ optimizer }, [1, 1, 1, 1, 1, 1, 1]);
    const together = await steps({ optimizer, stepsPerRun: 5 }, [5, 2]);
    expect(new Set(alone.batches.map((b) => JSON.stringify(b.sizes))).size).toBeGreaterThan(2);
    alone.results.forEach((expected, k) => {
      const actual = together.results[k]!;
      expect(actual.loss).toBeCloseTo(expected.loss, 4);
      expect(actual.nll / expected.nll).toBeCloseTo(1, 4);
      expect(actual.gradientNorm).toBeCloseTo(expected.gradientNorm, 4);
    });
    const furthest = alone.learner.parameters.reduce(
      (most, x, i) => Math.max(most, Math.abs(x - together.learner.parameters[i]!)),
      0,
    );
    // Adam divides by the size of a gradient: where that is next to nothing, so is what is known of its sign
    expect(furthest).toBeLessThan(2e-3);
    expect(together.learner.parameters).not.toEqual(new Float32Array(together.learner.parameters.length));
  });

  it("leave the parameters as they were when a step diverges", async () => {
    const training = { ...RECIPE.training, stepsPerRun: 3 };
    const graph = trainGraphOf({ ...RECIPE, training }, { source: VOCABULARY, target: VOCABULARY });
    const data = epoch();
    const learner = await createLearner({ graph, training, batchesPerEpoch: data.length });
    const before = learner.parameters.slice();
    const run = learner.steps.run([data.batch(0), data.batch(1), data.batch(2)], {
      step: 1,
      learningRates: [0.01, Number.POSITIVE_INFINITY, 0.01],
    });
    await expect(run).rejects.toThrow(DivergenceError);
    await expect(run).rejects.toThrow("at step 3");
    expect(learner.parameters).toEqual(before);
    await release(learner);
  });
});

describe("a device", () => {
  it("that is not there is said to be missing", async () => {
    const { evaluation } = trainGraphOf(RECIPE, { source: VOCABULARY, target: VOCABULARY });
    const session = createSession(evaluation, { device: "cuda" });
    await session.then(
      (s) => s.release(), // a machine that has one
      (error) => {
        expect(error).toBeInstanceOf(DeviceError);
        expect(error.message).toContain("--device cpu");
      },
    );
  });
});
