import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../data/batch-rows.js";
import type { TokenPair } from "../data/parallel.js";
import { SPECIAL } from "../data/special.js";
import { translationTraining, translationValidation } from "../data/translation-data.js";
import { fedInference } from "../export/fed-inference.js";
import { Random } from "../random.js";
import type { Recipe } from "../recipe/index.js";
import { fit } from "../trainer/fit.js";
import { trainGraphOf } from "../trainer/from-recipe.js";
import { createLearner, release } from "../trainer/learner.js";
import { objectiveOf } from "../trainer/objective-from-recipe.js";
import { RunFolder } from "../trainer/run-folder.js";
import { toyTranslation } from "../trainer/test-support/toy-translation.js";
import { rewardOf } from "./reward.js";

const VOCABULARY = 16;
const vocabulary = { source: VOCABULARY, target: VOCABULARY };

/** Every token is a word of its own. */
const tokenizer = { decode: (ids: readonly number[]) => ids.map((id) => `w${id}`).join(" ") };
const corpus = { vocabulary, tokenizers: { target: tokenizer } } as Parameters<typeof objectiveOf>[0]["corpus"];

function recipeOf(training: string): Recipe {
  return toyTranslation(
    VOCABULARY,
    `
model: { embedding: 32, encoder: { hidden: 32 }, decoder: { hidden: 64 } }
training: { batchTokens: 256, validateEvery: 1000, clipNorm: 1, threads: 1, ${training} }
`,
  );
}

/** Sequences of 3 to 8 random tokens, to be copied. */
function examples(size: number, seed: number): TokenPair[] {
  const random = new Random(seed);
  return Array.from({ length: size }, () => {
    const tokens = Array.from({ length: 3 + random.below(6) }, () => 4 + random.below(VOCABULARY - 4));
    return { source: tokens, target: tokens };
  });
}

/** Trains on from parameters; returns the last ones and the rewards of the steps. */
async function trained(recipe: Recipe, from?: Float32Array) {
  const { training } = recipe;
  const data = translationTraining(examples(2000, 1), training);
  const learner = await createLearner({
    graph: trainGraphOf(recipe, vocabulary),
    training,
    batchesPerEpoch: data.epoch(0).length,
    objective: (model) => objectiveOf({ recipe, corpus }, model),
    ...(from ? { initialize: () => from.slice() } : {}),
  });
  const folder = new RunFolder(await mkdtemp(join(tmpdir(), "carousel-fine-tuning-")));
  await folder.create();
  const rewards: number[] = [];
  await fit({
    training,
    learner,
    data,
    validation: translationValidation(examples(50, 2), training),
    folder,
    start: "new",
    signal: new AbortController().signal,
    journal: { flush: async () => {}, truncate: async () => {} },
    onProgress: (event) => void (event.kind === "step" && event.reward !== undefined && rewards.push(event.reward)),
  });
  await release(learner);
  return { parameters: learner.parameters, layout: learner.layout, rewards };
}

/** Mean sentence BLEU of sequences sampled for sources that were not trained on, 0 to 1. */
async function expectedReward({ parameters, layout }: Awaited<ReturnType<typeof trained>>): Promise<number> {
  const recipe = recipeOf("learningRate: 1, maxSteps: 1");
  const weights = layout.tensors(parameters);
  const model = await fedInference({ recipe, vocabulary, weights, threads: 1 });
  const held = translationValidation(examples(300, 3), { batchTokens: 10_000 });
  const { sources, targets } = rowsOf(held.batch(0));
  const random = new Random(9);
  const options = { special: SPECIAL, maxLength: 16, temperatures: [1, 1], uniform: () => random.uniform() };
  const drawn = await model.sampled(sources, options);
  await model.release();
  const reward = rewardOf("bleu", { tokenizer, bleuTokenizer: "13a" });
  const scores = drawn.flatMap((all) => all.map(({ ids }, b) => reward(ids, targets[b]!.slice(0, -1))));
  return scores.reduce((sum, s) => sum + s, 0) / scores.length;
}

describe("fine-tuning from a model that cross-entropy has begun to train", async () => {
  const begun = await trained(recipeOf("learningRate: 0.01, maxSteps: 100"));
  const before = await expectedReward(begun);

  it.each([
    ["self-critical training", "{ kind: self-critical, samples: 4 }"],
    ["minimum risk training", "{ kind: minimum-risk, samples: 8, sharpness: 0.1 }"],
    ["both losses", "{ kind: self-critical, metric: chrf, samples: 2, crossEntropyWeight: 0.1 }"],
  ])("raises the reward of sequences that it samples: %s", async (_, objective) => {
    const recipe = recipeOf(`learningRate: 0.002, maxSteps: 30, objective: ${objective}`);
    const after = await trained(recipe, begun.parameters);
    const reward = await expectedReward(after);
    expect(after.rewards).toHaveLength(30);
    expect(reward).toBeGreaterThan(before + 0.05);
  });

  it("begins with cross-entropy where something is left to gain", () => {
    expect(before).toBeGreaterThan(0.1);
    expect(before).toBeLessThan(0.8);
    expect(begun.rewards).toEqual([]);
  });
});
