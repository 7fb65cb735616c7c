import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type GenerationRecipe, parseRecipe } from "../recipe/index.js";
import { readSplits } from "./generation-corpus.js";

it("reads running text with line ends of either kind, in the folder of the data or where its name says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-text-"));
  const elsewhere = join(await mkdtemp(join(tmpdir(), "carousel-text-")), "valid.txt");
  await writeFile(join(folder, "train.txt"), "\uFEFFone\r\ntwo\r\n\r\nthree");
  await writeFile(elsewhere, "four\nfive\n");
  const recipe = parseRecipe(`
    name: text
    task: generation
    data: { folder: ${folder}, language: en, train: train.txt, valid: ${elsewhere}, windowLength: 2 }
    tokenizer: { type: char, vocabularySize: 40 }
    model: { embedding: 8, decoder: { hidden: 8 } }
    training: { learningRate: 0.01, batchTokens: 200, maxEpochs: 1, validateEvery: 1 }
  `) as GenerationRecipe;
  expect(await readSplits(recipe)).toEqual({ train: "one\ntwo\n\nthree", valid: "four\nfive\n" });
});
