import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import type { TokenPair } from "../data/parallel.js";
import { translationTraining, translationValidation } from "../data/translation-data.js";
import { trainGraphOf } from "./from-recipe.js";
import { type MemoryNeed, memoryNeed, memoryOfMachine, requireMemory } from "./memory.js";
import { toyTranslation } from "./test-support/toy-translation.js";
import { TrainingError } from "./training-error.js";

const recipe = (...set: string[]) =>
  toyTranslation(
    50,
    `
model: { embedding: 16, encoder: { hidden: 16 }, decoder: { hidden: 32 }, dropout: 0.1 }
training: { learningRate: 0.01, batchTokens: 400, maxSteps: 10, validateEvery: 5 }
`,
    set,
  );

const pairs: TokenPair[] = Array.from({ length: 200 }, (_, i) => ({
  source: Array(1 + (i % 30)).fill(5),
  target: Array(1 + ((i * 7) % 40)).fill(6),
}));

const needWith = (held: readonly TokenPair[], ...set: string[]) => {
  const { training, ...rest } = recipe(...set);
  const graph = trainGraphOf({ ...rest, training } as ReturnType<typeof recipe>, { source: 50, target: 50 });
  const epoch = translationTraining(pairs, training).epoch(0);
  return { graph, need: memoryNeed({ graph, training, epoch, validation: translationValidation(held, training) }) };
};
const needOf = (...set: string[]) => needWith(pairs, ...set);

describe("the memory of a training", () => {
  it("holds the parameters as often as the optimizer asks for", () => {
    const { graph, need } = needOf();
    const count = graph.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
    expect(need.parameters).toBe(4 * 4 * count);
    expect(needOf("training.ema=0.9").need.parameters).toBe(5 * 4 * count);
    expect(needOf("training.optimizer={ kind: sgd }").need.parameters).toBe(2 * 4 * count);
    expect(needOf("training.optimizer={ kind: sgd, momentum: 0.9 }").need.parameters).toBe(3 * 4 * count);
  });

  it("grows with the batch and with the length of sentences", () => {
    const { need } = needOf();
    const twice = needOf("training.batchTokens=800").need;
    expect(twice.largestBatch / need.largestBatch).toBeGreaterThan(1.6);
    expect(twice.largestBatch / need.largestBatch).toBeLessThan(2.4);
    expect(need.batch.B * Math.max(need.batch.S, need.batch.T)).toBeLessThanOrEqual(400);
    // at least the logits and their gradient
    expect(need.largestBatch).toBeGreaterThan(2 * 4 * 50 * need.batch.B * need.batch.T);
    expect(need.met).toBe("training");
  });

  it("is that of a very long sentence of the validation text", () => {
    const long = { source: Array(9000).fill(5), target: Array(8000).fill(6) };
    const { need } = needWith([...pairs, long]);
    expect(need).toMatchObject({ met: "validation", batch: { B: 1, S: 9001, T: 8001 } });
    expect(need.largestBatch).toBeGreaterThan(4 * 50 * 8001); // at least the logits
    const little = { total: need.largestBatch / 2, free: need.largestBatch / 2 };
    expect(() => requireMemory(need, little, recipe())).toThrow(
      /\(1 sentence of up to 9001 and 8001 tokens of the validation text\).*Leave the longest validation sentences out/,
    );
  });

  it("is told from the sizes that the batches have", () => {
    const epoch = translationTraining(pairs, recipe().training).epoch(3);
    for (let i = 0; i < epoch.length; i++) expect(epoch.sizes!(i)).toEqual(epoch.batch(i).sizes);
  });
});

describe("a training that does not fit into memory", () => {
  const MiB = 2 ** 20;
  const need = (parameters: number, largestBatch: number): MemoryNeed => ({
    parameters: parameters * MiB,
    largestBatch: largestBatch * MiB,
    batch: { B: 8, S: 20, T: 30 },
    met: "training",
  });
  const memory = { total: 4000 * MiB, free: 1000 * MiB };

  it("is warned of when the memory is only in use, and an error otherwise", () => {
    expect(requireMemory(need(400, 600), memory, recipe())).toBeUndefined();
    expect(requireMemory(need(400, 601), memory, recipe())).toBe(
      "training needs about 1,001 MiB: 400 MiB for parameters, gradients and the optimizer, " +
        "601 MiB for the largest batch (8 sentences of up to 20 and 30 tokens); only 1,000 MiB are free",
    );
    const fail = (n: MemoryNeed) => () => requireMemory(n, memory, recipe());
    expect(fail(need(400, 3601))).toThrow(TrainingError);
    expect(fail(need(400, 3601))).toThrow(/4,001 MiB.*there are 4,000 MiB. Lower training.batchTokens, data.maxLength/);
    expect(fail(need(3601, 400))).toThrow(/Lower the sizes in model/);
  });

  it("is measured against this machine", () => {
    const { total, free } = memoryOfMachine();
    expect(total).toBeLessThanOrEqual(totalmem());
    expect(free).toBeLessThanOrEqual(total);
    expect(free).toBeGreaterThan(MiB);
  });

  it("is an error before the first step", () => {
    const { need: huge } = needOf("model.decoder.hidden=40000");
    expect(() => requireMemory(huge, memory, recipe())).toThrow(/for parameters, gradients and the optimizer/);
  });
});
