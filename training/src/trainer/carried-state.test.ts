import { describe, expect, it } from "vitest";
import type { Batch } from "../data/batch.js";
import { generationTraining, generationValidation } from "../data/generation-data.js";
import { Random } from "../random.js";
import { parseRecipe } from "../recipe/index.js";
import { trainGraphOf } from "./from-recipe.js";
import { createLearner, release } from "./learner.js";

const VOCABULARY = 9;
const random = new Random(4);
const TEXT = Int32Array.from({ length: 240 }, () => 3 + random.below(VOCABULARY - 3));

const recipe = (cell: string) =>
  parseRecipe(`
name: carried
task: generation
data: { folder: unused, language: en, train: unused, valid: 0.1, windowLength: 6, windows: carried }
tokenizer: { type: char, vocabularySize: ${VOCABULARY} }
model: { cell: ${cell}, embedding: 5, decoder: { hidden: 8, layers: 2 } }
training: { learningRate: 0.01, batchTokens: 18, maxSteps: 5, validateEvery: 5, threads: 1 }
`);

function learnerOf(cell: string, settings: { stepsPerRun?: number } = {}) {
  const { training: given, ...rest } = recipe(cell);
  const training = { ...given, ...settings };
  const graph = trainGraphOf({ ...rest, training } as ReturnType<typeof recipe>, { source: 0, target: VOCABULARY });
  return createLearner({ graph, training, batchesPerEpoch: 10, rows: 3 });
}

const windows = { batchTokens: 18, windows: "carried" } as const;

describe("a carried state", () => {
  it.each(["lstm", "gru", "rnn", "lstm-peephole-full"])(
    "of %s makes short windows say what one long pass says",
    async (cell) => {
      const { evaluator, parameters, ...learner } = await learnerOf(cell);
      // a row of 80 tokens each: at once, and in windows of which the last is shorter
      const inWindows = await evaluator.evaluate(
        parameters,
        generationValidation(TEXT, { ...windows, windowLength: 6 }),
      );
      const whole = { windowLength: 80, batchTokens: 240, windows: "contiguous" } as const;
      const atOnce = await evaluator.evaluate(parameters, generationValidation(TEXT, whole));
      const reset = { windowLength: 8, batchTokens: 24, windows: "contiguous" } as const;
      const forgetful = await evaluator.evaluate(parameters, generationValidation(TEXT, reset));
      expect(inWindows.loss).toBeCloseTo(atOnce.loss, 6);
      expect(inWindows.accuracy).toBe(atOnce.accuracy);
      expect(Math.abs(forgetful.loss - atOnce.loss)).toBeGreaterThan(1e-5);
      await release({ evaluator, parameters, ...learner });
    },
  );

  it("goes through the steps of training, alone or several in one run, and is zero where an epoch begins", async () => {
    const epoch = generationTraining(TEXT, { ...windows, windowLength: 6, seed: 1 }).epoch(0);
    const batches = Array.from({ length: 5 }, (_, i) => epoch.batch(i));
    // nothing is learned: the losses are those of the validation of the same streams
    const losses = async (stepsPerRun: number, order: readonly (readonly Batch[])[]) => {
      const learner = await learnerOf("lstm", { stepsPerRun });
      const results = [];
      for (const run of order) {
        results.push(...(await learner.steps.run(run, { step: 1, learningRates: run.map(() => 0) })));
      }
      const expected = await learner.evaluator.evaluate(learner.parameters, {
        length: batches.length,
        batch: (i) => batches[i]!,
      });
      await release(learner);
      return { each: results.map((r) => r.loss), expected: expected.loss };
    };
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const alone = await losses(
      1,
      batches.map((b) => [b]),
    );
    const together = await losses(4, [batches.slice(0, 4), batches.slice(4)]);
    expect(mean(alone.each)).toBeCloseTo(alone.expected, 5);
    for (const [k, loss] of together.each.entries()) expect(loss).toBeCloseTo(alone.each[k]!, 5);
    const twice = await losses(
      1,
      [...batches.slice(0, 3), ...batches.slice(0, 3)].map((b) => [b]),
    );
    expect(twice.each.slice(3)).toEqual(twice.each.slice(0, 3));
  });
});
