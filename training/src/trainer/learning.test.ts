import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TokenPair } from "../data/parallel.js";
import { translationTraining, translationValidation } from "../data/translation-data.js";
import { Random } from "../random.js";
import type { TranslationRecipe } from "../recipe/index.js";
import type { Evaluation } from "./evaluation.js";
import { fit } from "./fit.js";
import { trainGraphOf } from "./from-recipe.js";
import { createLearner, release } from "./learner.js";
import { RunFolder } from "./run-folder.js";
import { toyTranslation } from "./test-support/toy-translation.js";

const VOCABULARY = 16;

const recipe = toyTranslation(
  VOCABULARY,
  `
model: { embedding: 32, encoder: { hidden: 32 }, decoder: { hidden: 64 } }
training:
  learningRate: 0.01
  schedule: { kind: cosine, warmupSteps: 20, final: 0.05 }
  batchTokens: 512
  maxSteps: 350
  validateEvery: 350
  threads: 1
`,
);

/** Sequences of 1 to 8 random tokens, each with what `task` makes of it. */
function examples(options: { size: number; seed: number; task: (tokens: number[]) => number[] }): TokenPair[] {
  const random = new Random(options.seed);
  return Array.from({ length: options.size }, () => {
    const source = Array.from({ length: 1 + random.below(8) }, () => 4 + random.below(VOCABULARY - 4));
    return { source, target: options.task(source) };
  });
}

/** Accuracy on sequences that were not trained on (but for the shortest, of which there are few). */
async function learn(task: (tokens: number[]) => number[], model: TranslationRecipe["model"]): Promise<Evaluation> {
  const { training } = recipe;
  const graph = trainGraphOf({ ...recipe, model }, { source: VOCABULARY, target: VOCABULARY });
  const data = translationTraining(examples({ size: 4000, seed: 1, task }), training);
  const learner = await createLearner({ graph, training, batchesPerEpoch: data.epoch(0).length });
  const folder = new RunFolder(await mkdtemp(join(tmpdir(), "carousel-learning-")));
  await folder.create();
  const validation = translationValidation(examples({ size: 300, seed: 2, task }), training);
  await fit({
    training,
    learner,
    data,
    validation,
    folder,
    start: "new",
    signal: new AbortController().signal,
    journal: { flush: async () => {}, truncate: async () => {} },
    onProgress: () => {},
  });
  const evaluation = await learner.evaluator.evaluate(learner.parameters, validation);
  await release(learner);
  return evaluation;
}

describe("a small network learns", () => {
  it("to copy a sequence, with general attention", async () => {
    const { accuracy, loss } = await learn((tokens) => tokens, { ...recipe.model, attention: "general" });
    expect(accuracy).toBeGreaterThan(0.99);
    expect(loss).toBeLessThan(0.05);
  });

  it("to reverse a sequence, with additive attention and no input feeding", async () => {
    const reverse = (tokens: number[]) => tokens.toReversed();
    const { accuracy } = await learn(reverse, { ...recipe.model, attention: "additive", inputFeeding: false });
    expect(accuracy).toBeGreaterThan(0.99);
  });

  it("to reverse a sequence, with dot attention, two layers and dropout", async () => {
    const model: TranslationRecipe["model"] = {
      ...recipe.model,
      attention: "dot",
      dropout: 0.05,
      encoder: { layers: 2, hidden: 32, bidirectional: true },
      decoder: { layers: 2, hidden: 64 },
    };
    const { accuracy } = await learn((tokens) => tokens.toReversed(), model);
    expect(accuracy).toBeGreaterThan(0.99);
  });

  it("to say every token twice, by connectionist temporal classification", async () => {
    const twice = (tokens: number[]) => tokens.flatMap((token) => [token, token]);
    const { accuracy, loss } = await learn(twice, {
      kind: "ctc",
      cell: "lstm",
      embedding: 32,
      encoder: { layers: 1, hidden: 32, bidirectional: true },
      upsample: 4,
      layersAfter: 1,
      dropout: 0.05,
    });
    expect(accuracy).toBeGreaterThan(0.99);
    expect(loss).toBeLessThan(0.05);
  });
});
