import { benchTrain, parseRecipe, stepOperations, translationRecipe } from "@carousel/training";
import { describe, expect, it } from "vitest";

describe("the bench of training", () => {
  const recipe = (model: string) =>
    translationRecipe(
      parseRecipe(`
name: small
task: translation
data:
  folder: .
  source: { language: en, train: text, valid: text }
  target: { language: fr, train: text, valid: text }
tokenizer: { type: char, vocabularySize: 40, target: { vocabularySize: 30 } }
model: { embedding: 8, encoder: { hidden: 5, bidirectional: false }, ${model} }
training: { learningRate: 0.01, batchTokens: 100, maxSteps: 5, validateEvery: 5 }
`),
    );
  const encoder = 4 * 5 * (8 + 5);

  it("counts the products of a step, forward and backward, in either kind of network", () => {
    const sizes = { B: 3, S: 7, T: 9 };
    const frame = 5 * 5 + 5 * 30;
    expect(stepOperations(recipe("kind: ctc, upsample: 2"), sizes)).toBe(3 * 2 * 3 * 7 * (encoder + 2 * frame));
    const decoder = 4 * 5 * (8 + 5) + (5 + 5) * 5 + 5 * 30 + 7 * (5 + 5);
    const attention = recipe("decoder: { hidden: 5 }, inputFeeding: false, attention: dot");
    expect(stepOperations(attention, sizes)).toBe(3 * 2 * 3 * (7 * encoder + 9 * decoder));
  });

  it.each(["kind: ctc, upsample: 2", "decoder: { hidden: 6 }"])("times steps of %s", async (model) => {
    const options = { sentences: 3, sourceLength: 7, targetLength: 9, threads: 1, steps: 2 };
    const { stepMs, gflops, tokensPerSecond } = await benchTrain({ recipe: recipe(model), ...options });
    expect(gflops * stepMs * 1e6).toBeCloseTo(stepOperations(recipe(model), { B: 3, S: 7, T: 9 }), 3);
    expect((tokensPerSecond * stepMs) / 1000).toBeCloseTo(3 * 9);
  });
});
