import { expect, it } from "vitest";
import { scoreOf } from "./score.js";
import { TrainingError } from "./training-error.js";

it("ranks validations by the metric of the recipe", () => {
  const certain = { loss: 0.3, accuracy: 0.7, bleu: 20 };
  const right = { loss: 0.4, accuracy: 0.8, bleu: 19 };
  expect(scoreOf(certain, "perplexity")).toBeGreaterThan(scoreOf(right, "perplexity"));
  expect(scoreOf(certain, "bleu")).toBeGreaterThan(scoreOf(right, "bleu"));
  expect(scoreOf(certain, "accuracy")).toBeLessThan(scoreOf(right, "accuracy"));
  expect(() => scoreOf({ loss: 1, accuracy: 1 }, "bleu")).toThrow(TrainingError);
});
