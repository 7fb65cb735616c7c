import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SPECIAL } from "../data/special.js";
import { parseRecipe } from "../recipe/index.js";
import { train } from "../trainer/train.js";
import { translateGreedily } from "./translate.js";

const RECIPE = `
name: long
task: translation
data:
  folder: ''
  source: { language: en, train: a, valid: a }
  target: { language: en, train: b, valid: b }
  maxRatio: 100
  maxLength: 250
tokenizer: { type: word, vocabularySize: 10 }
model: { embedding: 4, encoder: { hidden: 4 }, decoder: { hidden: 4 } }
training: { learningRate: 0.01, batchTokens: 200, maxSteps: 1, validateEvery: 1, threads: 1 }
`;

it.each([48, 200])("lets a translation of two words have the %i of its reference", async (words) => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-long-"));
  await writeFile(join(folder, "a"), "jump often\n");
  await writeFile(join(folder, "b"), `${"jump ".repeat(words)}\n`);
  const lengths: number[] = [];
  await train({
    recipe: parseRecipe(RECIPE, { set: [`data=${folder}`] }),
    runFolder: join(folder, "run"),
    onProgress: () => {},
    async translate(model, text) {
      model.parameters.get("output.b")!.data[SPECIAL.eos] = -1000; // it never ends by itself
      const translations = await translateGreedily(model, text);
      lengths.push(...translations.map((t) => t.split(" ").length));
      return translations;
    },
  });
  for (const length of lengths) expect(length).toBeGreaterThan(words);
});
