import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseRecipe, type Recipe } from "../recipe/index.js";
import type { TrainingEvent } from "./events.js";
import type { TrainedModel } from "./extensions.js";
import {
  CTC,
  corpus,
  GENERATION,
  newFolder,
  recipesOf,
  silent,
  TRANSLATION,
  WORDS,
} from "./test-support/small-trainings.js";
import { train } from "./train.js";

let data: string;
let recipe: (text: string, ...set: string[]) => Recipe;
beforeAll(async () => {
  data = await corpus();
  recipe = recipesOf(data);
});

describe("train", () => {
  it("goes from parallel text to parameters, and hands them to the export", async () => {
    const runFolder = await newFolder();
    const exported: TrainedModel[] = [];
    const events: TrainingEvent[] = [];
    const result = await train({
      recipe: recipe(TRANSLATION),
      runFolder,
      onProgress: (e) => events.push(e),
      exportBundle: async (model) => void exported.push(model),
    });
    expect(result.reason).toBe("limit");
    expect(result.scores!.perplexity).toBeLessThan(60);
    expect(exported[0]!.parameters.get("source.table")!.shape).toEqual([exported[0]!.corpus.vocabulary.source, 16]);
    expect(exported[0]!.corpus.tokenizerFiles.target).toBe(join(runFolder, "target.model"));
    expect(events.filter((e) => e.kind === "validation").map((e) => e.step)).toEqual([5, 10, 12]);
    expect(await readFile(join(runFolder, "report", "curve.svg"), "utf8")).toMatch(/^<svg .*data-label="validation"/s);
  });

  it("shows the reward of what it samples in place of a perplexity", async () => {
    const runFolder = await newFolder();
    const events: TrainingEvent[] = [];
    const objective = "training.objective={ kind: self-critical, metric: chrf }";
    await train({ recipe: recipe(TRANSLATION, objective), runFolder, onProgress: (e) => events.push(e) });
    const rewards = events.flatMap((e) => (e.kind === "step" ? [e.reward!] : []));
    expect(rewards).toHaveLength(12);
    expect(Math.max(...rewards)).toBeGreaterThan(1);
    expect(rewards.every((r) => r >= 0 && r <= 100)).toBe(true);
    const page = await readFile(join(runFolder, "report", "index.html"), "utf8");
    expect(page).toContain("Reward: metric of sampled sentences");
    expect(page).not.toContain("NaN");
  });

  it("says what was left out of the training text", async () => {
    const events: TrainingEvent[] = [];
    const clean = ["data.deduplicate=true", "data.filter.dropIdentical=true", "training.maxSteps=1"];
    await train({
      recipe: recipe(TRANSLATION, ...clean),
      runFolder: await newFolder(),
      onProgress: (e) => events.push(e),
    });
    expect(events[0]).toMatchObject({
      message: expect.stringMatching(/^\d+ training pairs \(\d+ left out: \d+ (duplicates|with identical sides), \d+ /),
    });
    const none = recipe(TRANSLATION, "data.filter.dropIdentical=true", "data.maxLength=1");
    await expect(train({ ...silent, recipe: none, runFolder: await newFolder() })).rejects.toThrow(
      /there is no training pair: 300 left out: .*over maxLength/,
    );
  });

  it("measures BLEU when something translates", async () => {
    const asked: (readonly string[])[] = [];
    const result = await train({
      ...silent,
      recipe: recipe(TRANSLATION, "training.metric=bleu"),
      runFolder: await newFolder(),
      async translate(_, { source }) {
        asked.push(source);
        return source.map((s) => s.split(" ").reverse().join(" "));
      },
    });
    expect(asked[0]).toHaveLength(20);
    expect(result.scores!.bleu).toBeCloseTo(100, 5);
  });

  it.each(["ja", "yue"])("measures BLEU of characters where words have no spaces: %s", async (language) => {
    const { scores } = await train({
      ...silent,
      recipe: recipe(TRANSLATION, `data.target.language=${language}`, "training.maxSteps=1"),
      runFolder: await newFolder(),
      translate: async (_, { target }) => target.map((s) => s.replaceAll(" ", "")),
    });
    expect(scores!.bleu).toBeCloseTo(100, 5);
  });

  it("trains a language model", async () => {
    const result = await train({ ...silent, recipe: recipe(GENERATION), runFolder: await newFolder() });
    expect(result.reason).toBe("limit");
    expect(result.parameters.get("target.table")!.shape[0]).toBeGreaterThan(20);
    expect(result.scores!.perplexity).toBeLessThan(25);
  });

  it("learns phonemes from one file a split, with letters as source", async () => {
    const folderOfData = await mkdtemp(join(tmpdir(), "carousel-tsv-"));
    const lines = WORDS.map((word) => `${word}\t${[...word].map((c) => `${c.toUpperCase()}_0`).join(" ")}\n`);
    for (const split of ["train", "valid"]) await writeFile(join(folderOfData, `${split}.tsv`), lines.join(""));
    const spelling = parseRecipe(TRANSLATION, {
      set: [
        `data=${folderOfData}`,
        "data.pattern='^(.*)\\t(.*)$'",
        ...["source", "target"].flatMap((side) => [`data.${side}.train=train.tsv`, `data.${side}.valid=valid.tsv`]),
        "tokenizer.type=char",
        "tokenizer.target.type=word",
        "training.maxSteps=2",
      ],
    });
    const exported: TrainedModel[] = [];
    await train({
      ...silent,
      recipe: spelling,
      runFolder: await newFolder(),
      exportBundle: async (model) => void exported.push(model),
    });
    const { tokenizers, held } = exported[0]!.corpus;
    const letters = new Set(WORDS.join(""));
    expect(tokenizers.source!.size).toBe(4 + 1 + letters.size);
    expect(tokenizers.target.size).toBe(4 + letters.size);
    expect(tokenizers.target.encode("D_0 O_0 G_0")).toHaveLength(3);
    expect(held!.target[5]).toBe("D_0 O_0 G_0");
  });

  it("trains by connectionist temporal classification, and says which pairs have no alignment", async () => {
    const notes: string[] = [];
    const result = await train({
      recipe: recipe(CTC),
      runFolder: await newFolder(),
      onProgress: (e) => void (e.kind === "note" && notes.push(e.message)),
    });
    expect(result.reason).toBe("limit");
    expect(result.scores!.loss).toBeGreaterThan(0);
    expect(result.scores!.accuracy).toBeGreaterThanOrEqual(0);
    expect(notes[0]).not.toContain("too long");
    // as many frames as source tokens and an eos: a text said twice has no alignment
    const spelled = async (target: string) =>
      train({
        recipe: recipe(
          CTC,
          `data.target.train=${target}`,
          "model.upsample=1",
          "model.dropout=0.1",
          "training.maxSteps=1",
        ),
        runFolder: await newFolder(),
        onProgress: (e) => void (e.kind === "note" && notes.push(e.message)),
      });
    await expect(spelled("train.c")).rejects.toThrow(
      /^all 300 training pairs are too long for 1 frame a source token: /,
    );
    const lines = async (file: string) => (await readFile(join(data, file), "utf8")).split("\n");
    const fitting = (await lines("train.a")).slice(0, 20);
    await writeFile(join(data, "train.d"), [...fitting, ...(await lines("train.c")).slice(20)].join("\n"));
    await spelled("train.d");
    expect(notes.find((n) => n.includes("too long"))).toMatch(
      /for 1 frame a source token.*: 2\d\d training pairs, 2 for/,
    );
  });

  it("refuses a validation text of empty lines, and names the folder that it cannot make", async () => {
    await writeFile(join(data, "blank"), "\n\n");
    const blank = recipe(TRANSLATION, "data.source.valid=blank", "data.target.valid=blank");
    await expect(train({ ...silent, recipe: blank, runFolder: await newFolder() })).rejects.toThrow(
      "the validation text has no pair with text on both sides",
    );
    const runFolder = join(data, "blank", "run");
    await expect(train({ ...silent, recipe: blank, runFolder })).rejects.toThrow("cannot be made: EEXIST");
  });

  it("names data that is missing", async () => {
    const missing = recipe(TRANSLATION, "data.source.train=none.a");
    await expect(train({ ...silent, recipe: missing, runFolder: await newFolder() })).rejects.toThrow(
      /no such file: .*none.a/,
    );
  });
});
