import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Recipe } from "../recipe/index.js";
import { corpus, newFolder, recipesOf, silent, TRANSLATION } from "./test-support/small-trainings.js";
import { train } from "./train.js";

let recipe: (text: string, ...set: string[]) => Recipe;
beforeAll(async () => {
  recipe = recipesOf(await corpus());
});

describe("train", () => {
  it("does not overwrite a training, nor resume one of another recipe", async () => {
    const runFolder = await newFolder();
    await expect(train({ ...silent, recipe: recipe(TRANSLATION), runFolder, resume: true })).rejects.toThrow(
      /no training to resume/,
    );
    await train({ ...silent, recipe: recipe(TRANSLATION, "training.maxSteps=1"), runFolder });
    await expect(train({ ...silent, recipe: recipe(TRANSLATION), runFolder })).rejects.toThrow(
      /already holds a training/,
    );
    const other = recipe(TRANSLATION, "model.decoder.hidden=32");
    await expect(train({ ...silent, recipe: other, runFolder, resume: true })).rejects.toThrow(
      `the recipe's model.decoder.hidden is 32, the training in ${runFolder} began with 24`,
    );
  });

  it("does not begin where there is a bundle, whose tokenizers it would replace", async () => {
    const bundle = await newFolder();
    await writeFile(join(bundle, "target.model"), "pieces");
    const training = train({ ...silent, recipe: recipe(TRANSLATION), runFolder: bundle });
    await expect(training).rejects.toThrow("target.model is of no training: choose another run folder");
    expect(await readFile(join(bundle, "target.model"), "utf8")).toBe("pieces");
  });

  it("does not begin where another training is under way", async () => {
    const runFolder = await newFolder();
    const kept = () => Promise.all(["recipe.json", "source.model"].map((file) => readFile(join(runFolder, file))));
    await train({
      recipe: recipe(TRANSLATION, "training.maxSteps=1"),
      runFolder,
      async exportBundle() {
        const before = await kept();
        for (const resume of [false, true]) {
          const other = train({ ...silent, recipe: recipe(TRANSLATION, "training.seed=2"), runFolder, resume });
          await expect(other).rejects.toThrow(`process ${process.pid} is at work on ${runFolder}`);
        }
        expect(await kept()).toEqual(before);
      },
      onProgress: () => {},
    });
    const next = recipe(TRANSLATION, "training.maxSteps=2");
    expect((await train({ ...silent, recipe: next, runFolder, resume: true })).reason).toBe("limit");
    const nowhere = join(runFolder, "none");
    await expect(train({ ...silent, recipe: next, runFolder: nowhere, resume: true })).rejects.toThrow(
      `there is no training to resume in ${nowhere}`,
    );
  });
});
