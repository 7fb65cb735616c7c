import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "./random.js";
import { train } from "./train-recipe.js";
import type { TrainingEvent } from "./trainer/events.js";

const TRANSLATION = `
name: copy
task: translation
data:
  folder: .
  source: { language: en, train: text, valid: held }
  target: { language: en, train: text, valid: held }
tokenizer: { type: char, vocabularySize: 40, shared: true }
model: { embedding: 16, encoder: { hidden: 16 }, decoder: { hidden: 32 }, dropout: 0.1 }
training: { learningRate: 0.01, batchTokens: 400, maxSteps: 10, validateEvery: 5, averageCheckpoints: 2, threads: 1 }
`;

const CTC = TRANSLATION.replace("decoder: { hidden: 32 }", "kind: ctc, upsample: 2");

const GENERATION = `
name: words
task: generation
data: { folder: ., language: en, train: text, valid: held, windowLength: 32 }
tokenizer: { type: char, vocabularySize: 40, characterCoverage: 1, normalization: identity }
model: { embedding: 8, decoder: { layers: 2, hidden: 16 } }
training: { learningRate: 0.01, batchTokens: 320, maxSteps: 10, validateEvery: 5, threads: 1 }
`;

/** A folder with a recipe and lines of random words. */
async function workplace(recipe: string) {
  const folder = await mkdtemp(join(tmpdir(), "carousel-train-"));
  const random = new Random(3);
  const word = () => ["one", "two", "three", "four"][random.below(4)]!;
  const lines = (n: number) => Array.from({ length: n }, () => `${word()} ${word()} ${word()}\n`).join("");
  await writeFile(join(folder, "recipe.yaml"), recipe);
  await writeFile(join(folder, "text"), lines(200));
  await writeFile(join(folder, "held"), lines(20));
  return { recipe: join(folder, "recipe.yaml"), overrides: [`data=${folder}`], runFolder: join(folder, "run") };
}

describe("train", () => {
  it.each([
    ["translation", TRANSLATION, ["README.md", "decoder.onnx", "encoder.onnx", "manifest.json", "shared.model"]],
    ["translation", CTC, ["README.md", "decoder.onnx", "encoder.onnx", "manifest.json", "shared.model"]],
    ["generation", GENERATION, ["README.md", "decoder.onnx", "manifest.json", "target.model"]],
  ])("goes from a recipe of %s to a bundle", async (task, recipe, files) => {
    const events: TrainingEvent[] = [];
    const { bundle, scores } = await train({ ...(await workplace(recipe)), onProgress: (e) => events.push(e) });
    expect(bundle!.manifest.task).toBe(task);
    expect((await readdir(bundle!.folder)).toSorted()).toEqual(files);
    expect(scores!.bleu === undefined).toBe(task === "generation");
    expect(events.filter((e) => e.kind === "validation")).toHaveLength(2);
  });
});
