import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Recipe } from "../recipe/index.js";
import type { TrainingEvent } from "./events.js";
import { corpus, GENERATION, newFolder, recipesOf, silent, TRANSLATION } from "./test-support/small-trainings.js";
import { train } from "./train.js";

let recipe: (text: string, ...set: string[]) => Recipe;
beforeAll(async () => {
  recipe = recipesOf(await corpus());
});

describe("train", () => {
  it("resumes with the tokenizers of the first run, to the same scores", async () => {
    const whole = await train({ ...silent, recipe: recipe(TRANSLATION), runFolder: await newFolder() });
    const runFolder = await newFolder();
    await train({ ...silent, recipe: recipe(TRANSLATION, "training.maxSteps=10"), runFolder });
    const resumed = await train({ ...silent, recipe: recipe(TRANSLATION), runFolder, resume: true });
    expect(resumed.scores).toEqual(whole.scores);
  });

  it.each([
    ["self-critical training", TRANSLATION, "training.objective={ kind: self-critical, samples: 2 }"],
    [
      "minimum risk training",
      TRANSLATION,
      "training.objective={ kind: minimum-risk, metric: chrf, samples: 3, crossEntropyWeight: 0.5 }",
    ],
    ["scheduled sampling", TRANSLATION, "training.scheduledSampling={ kind: exponential, base: 0.9 }"],
    ["scheduled sampling of a language model", GENERATION, "training.scheduledSampling={ kind: linear, steps: 20 }"],
  ])("%s: is another training, and resumes to the same parameters", async (_, text, key) => {
    const limits = ["training.maxEpochs=9", "training.maxSteps=6", "training.validateEvery=3"];
    const plain = await train({ ...silent, recipe: recipe(text, ...limits), runFolder: await newFolder() });
    const whole = await train({ ...silent, recipe: recipe(text, ...limits, key), runFolder: await newFolder() });
    expect(whole.parameters).not.toEqual(plain.parameters);
    const runFolder = await newFolder();
    await train({ ...silent, recipe: recipe(text, ...limits, key, "training.maxSteps=4"), runFolder });
    const resumed = await train({ ...silent, recipe: recipe(text, ...limits, key), runFolder, resume: true });
    expect(resumed.parameters).toEqual(whole.parameters);
  });

  it.each([
    ["TRANSLATION", TRANSLATION, "tokenizer.dropout=0.3"],
    ["GENERATION", GENERATION.replace("type: char", "type: unigram"), "tokenizer.samplingAlpha=0.2"],
  ])("%s: segments anew every epoch, and resumes to the same parameters", async (_, text, draw) => {
    const settings = [
      "tokenizer.normalization=identity",
      "training.maxEpochs=2",
      "training.maxSteps=1000",
      "training.batchTokens=1000",
      "training.validateEvery=5",
    ];
    const drawing = recipe(text, ...settings, draw);
    const whole = await train({ ...silent, recipe: drawing, runFolder: await newFolder() });
    const plain = await train({ ...silent, recipe: recipe(text, ...settings), runFolder: await newFolder() });
    expect(whole.parameters).not.toEqual(plain.parameters);
    const runFolder = await newFolder();
    const stop = new AbortController();
    const epochs = new Set<number>();
    const interrupted = await train({
      recipe: drawing,
      runFolder,
      signal: stop.signal,
      onProgress(e) {
        if (e.kind !== "step") return;
        epochs.add(e.epoch);
        if (e.epoch === 2) stop.abort();
      },
    });
    expect([interrupted.reason, ...epochs]).toEqual(["interrupted", 1, 2]);
    const resumed = await train({ ...silent, recipe: drawing, runFolder, resume: true });
    expect(resumed.parameters).toEqual(whole.parameters);
  });

  it.each([1, 3])("carries the state from batch to batch, %i a run, and resumes to the same parameters", async (k) => {
    const set = [
      "data.windows=carried",
      `training.stepsPerRun=${k}`,
      "training.maxEpochs=2",
      "training.validateEvery=50",
    ];
    const whole = await train({ ...silent, recipe: recipe(GENERATION, ...set), runFolder: await newFolder() });
    const runFolder = await newFolder();
    const interrupt = new AbortController();
    const stop = (e: TrainingEvent) => e.kind === "step" && e.step >= 4 && interrupt.abort();
    const first = await train({
      recipe: recipe(GENERATION, ...set),
      runFolder,
      signal: interrupt.signal,
      onProgress: stop,
    });
    expect(first.reason).toBe("interrupted");
    const resumed = await train({ ...silent, recipe: recipe(GENERATION, ...set), runFolder, resume: true });
    expect(resumed.parameters).toEqual(whole.parameters);
    expect(resumed.scores).toEqual(whole.scores);
    const apart = await train({
      ...silent,
      recipe: recipe(GENERATION, ...set, "data.windows=contiguous"),
      runFolder: await newFolder(),
    });
    expect(apart.parameters).not.toEqual(whole.parameters);
  });

  it.each([
    ["translation", TRANSLATION, "b"],
    ["generation", GENERATION, "a"],
  ])("%s: resumes where the text has moved to, but not with another text", async (_, text, side) => {
    const runFolder = await newFolder();
    const steps = (n: number) => ["training.maxEpochs=9", `training.maxSteps=${n}`];
    await train({ ...silent, recipe: recipe(text, ...steps(1)), runFolder });
    const moved = await corpus();
    const elsewhere = recipe(text, `data=${moved}`, ...steps(2));
    expect((await train({ ...silent, recipe: elsewhere, runFolder, resume: true })).reason).toBe("limit");
    const file = join(moved, `train.${side}`);
    await writeFile(file, (await readFile(file, "utf8")).replace("red", "blue"));
    const more = recipe(text, `data=${moved}`, ...steps(3));
    await expect(train({ ...silent, recipe: more, runFolder, resume: true })).rejects.toThrow(
      /the text is not what the training in .* began with/,
    );
  });

  it("resumes a run whose recipe was saved before a key existed", async () => {
    const runFolder = await newFolder();
    await train({ ...silent, recipe: recipe(TRANSLATION, "training.maxSteps=1"), runFolder });
    const path = join(runFolder, "recipe.json");
    const saved = JSON.parse(await readFile(path, "utf8"));
    delete saved.training.ema;
    await writeFile(path, JSON.stringify(saved));
    const changed = recipe(TRANSLATION, "training.maxSteps=2", "training.ema=0.5");
    await expect(train({ ...silent, recipe: changed, runFolder, resume: true })).rejects.toThrow(/training.ema/);
    const { reason } = await train({
      ...silent,
      recipe: recipe(TRANSLATION, "training.maxSteps=2"),
      runFolder,
      resume: true,
    });
    expect(reason).toBe("limit");
  });

  it("does not take the tokenizers of a run that came to no checkpoint", async () => {
    const runFolder = await newFolder();
    const onProgress = () => {
      throw new Error("out of power");
    };
    await expect(train({ recipe: recipe(TRANSLATION), runFolder, onProgress })).rejects.toThrow("out of power");
    await expect(
      train({ ...silent, recipe: recipe(TRANSLATION, "data=/nowhere"), runFolder, resume: true }),
    ).rejects.toThrow(`the training in ${runFolder} came to no checkpoint: begin it anew`);
    const smaller = recipe(TRANSLATION, "tokenizer.vocabularySize=40", "training.maxSteps=1");
    const { parameters } = await train({ ...silent, recipe: smaller, runFolder });
    expect(parameters.get("source.table")!.shape[0]).toBe(40);
  });
});
