import { describe, expect, it } from "vitest";
import type { Batch } from "../data/batch.js";
import { rowsOf } from "../data/batch-rows.js";
import { BOS, EOS } from "../data/special.js";
import { translationBatch, translationTraining, translationValidation } from "../data/translation-data.js";
import { int64s } from "../onnx/runtime.js";
import { Random } from "../random.js";
import { trainGraphOf } from "../trainer/from-recipe.js";
import { createLearner, release } from "../trainer/learner.js";
import { objectiveOf } from "../trainer/objective-from-recipe.js";
import { toyTranslation } from "../trainer/test-support/toy-translation.js";
import { rightShare, type SamplingDecay, ScheduledSampling, withPredictions } from "./scheduled-sampling.js";

const PAIRS = [
  { source: [4], target: [4, 5, 6] },
  { source: [5], target: [7] },
];

const ids = (values: number[]) => BigInt64Array.from(values.map(BigInt));

describe("the share of right tokens", () => {
  it.each<[SamplingDecay, readonly number[]]>([
    [{ kind: "linear", steps: 4, floor: 0.5 }, [0.875, 0.75, 0.5, 0.5]],
    [{ kind: "exponential", base: 0.5, floor: 0.2 }, [0.5, 0.25, 0.2, 0.2]],
    [{ kind: "inverse-sigmoid", k: 2, floor: 0 }, [0.548, 0.424, 0.213, 0.013]],
  ])("falls with the steps: %o", (decay, expected) => {
    const shares = [1, 2, 4, 10].map((step) => rightShare(decay, step));
    expect(shares.map((s) => Number(s.toFixed(3)))).toEqual(expected);
  });

  it("is a half at k·ln k for the inverse sigmoid", () => {
    expect(rightShare({ kind: "inverse-sigmoid", k: 50, floor: 0 }, 50 * Math.log(50))).toBeCloseTo(0.5, 12);
  });
});

describe("predictions", () => {
  it("replace what is read one step later, but for bos, for padding, and by eos", () => {
    const batch = translationBatch(PAIRS);
    // [T, B]: what is said after each prefix
    const predicted = ids([8, EOS, 9, 9, 10, 10, 11, 11]);
    const { feeds } = withPredictions(batch, { predicted, replaced: () => true });
    expect([...int64s(feeds.target_in!)]).toEqual([BOS, BOS, 8, 7, 9, 0, 10, 0].map(BigInt));
    expect(feeds.target_out).toBe(batch.feeds.target_out);
    expect([...int64s(batch.feeds.target_in!)]).toEqual([BOS, BOS, 4, 7, 5, 0, 6, 0].map(BigInt));
  });

  it("replace as many as the schedule says, the same ones for the same step", async () => {
    const target = new Array<number>(200).fill(4);
    const batch = translationBatch(new Array(50).fill({ source: [4], target }));
    const predict = async () => new BigInt64Array(201 * 50).fill(5n);
    const decay: SamplingDecay = { kind: "linear", steps: 100, floor: 0 };
    const objective = new ScheduledSampling({ decay, seed: 1, predict });
    const read = async (step: number) => int64s((await objective.prepare(batch, step)).feeds.target_in!);
    const replaced = (await read(30)).filter((id) => id === 5n).length;
    expect(replaced / (200 * 50)).toBeCloseTo(0.3, 1);
    expect(await read(30)).toEqual(await read(30));
    expect(await read(31)).not.toEqual(await read(30));
  });
});

describe("training that reads its own predictions", () => {
  const recipe = toyTranslation(
    12,
    `
model: { embedding: 24, encoder: { hidden: 24 }, decoder: { hidden: 48 } }
training:
  learningRate: 0.01
  scheduledSampling: { kind: linear, steps: 100, floor: 0.5 }
  batchTokens: 256
  maxSteps: 200
  validateEvery: 1000
  threads: 1
`,
  );

  it("learns to copy, and predicts what its accuracy counts", async () => {
    const { training } = recipe;
    const vocabulary = { source: 12, target: 12 };
    const random = new Random(1);
    const pairs = Array.from({ length: 2000 }, () => {
      const source = Array.from({ length: 1 + random.below(6) }, () => 4 + random.below(8));
      return { source, target: source };
    });
    const corpus = { vocabulary } as Parameters<typeof objectiveOf>[0]["corpus"];
    const epoch = translationTraining(pairs.slice(100), training).epoch(0);
    const validation = translationValidation(pairs.slice(0, 100), training);
    const learner = await createLearner({
      graph: trainGraphOf(recipe, vocabulary),
      training,
      batchesPerEpoch: epoch.length,
      objective: (model) => objectiveOf({ recipe, corpus }, model),
    });
    const { objective, steps, evaluator, parameters } = learner;
    let changed = 0;
    for (let step = 1; step <= 200; step++) {
      const data = epoch.batch(step % epoch.length);
      const batch = await objective!.prepare(data, step);
      if (step <= 100) changed += different(data, batch);
      await steps.run([batch], { step, learningRates: [training.learningRate] });
    }
    expect(changed).toBeGreaterThan(300);
    const { accuracy } = await evaluator.evaluate(parameters, validation);
    expect(accuracy).toBeGreaterThan(0.9);

    // predictions are those that the accuracy counts
    const held = validation.batch(0);
    const predicted = await evaluator.predict(parameters, held);
    const { B } = held.sizes;
    const right = rowsOf(held).targets.flatMap((row, b) => row.map((id, t) => Number(predicted[t * B + b]) === id));
    const measured = await evaluator.evaluate(parameters, { length: 1, batch: () => held });
    expect(right.filter(Boolean).length / right.length).toBeCloseTo(measured.accuracy, 6);
    await release(learner);
  });

  function different(a: Batch, b: Batch): number {
    const [read, other] = [int64s(a.feeds.target_in!), int64s(b.feeds.target_in!)];
    return read.filter((id, at) => id !== other[at]).length;
  }
});
