import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseRecipe } from "../recipe/index.js";
import type { TrainingEvent } from "./events.js";
import type { TrainedModel } from "./extensions.js";
import { reversedWords } from "./test-support/reversed-words.js";
import { train } from "./train.js";

const WORDS = ["red", "green", "blue", "small", "big", "dog", "cat", "bird", "runs", "sleeps"];

const corpus = () => reversedWords({ words: WORDS, shortest: 1 });

const TRANSLATION = `
name: reverse
task: translation
data:
  folder: ''
  source: { language: en, train: train.a, valid: valid.a }
  target: { language: en, train: train.b, valid: valid.b }
tokenizer: { type: bpe, vocabularySize: 60 }
model: { embedding: 16, encoder: { hidden: 16 }, decoder: { hidden: 24 }, dropout: 0.1, tieEmbeddings: true }
training: { learningRate: 0.01, batchTokens: 200, maxSteps: 12, validateEvery: 5, averageCheckpoints: 2, threads: 1 }
`;

const CTC = TRANSLATION.replace(
  /^model: .*$/m,
  "model: { kind: ctc, embedding: 16, encoder: { hidden: 16 }, upsample: 3, layersAfter: 2, dropout: { hidden: 0.1, output: 0.1, recurrent: 0.1, mask: sequence } }",
).replace("type: bpe", "type: char");

const GENERATION = `
name: words
task: generation
data: { folder: '', language: en, train: train.a, valid: 0.1, windowLength: 20 }
tokenizer: { type: char, vocabularySize: 60, characterCoverage: 1, normalization: identity }
model: { embedding: 8, decoder: { layers: 2, hidden: 16 }, dropout: 0.1 }
training: { learningRate: 0.01, batchTokens: 200, maxEpochs: 1, validateEvery: 10, threads: 1 }
`;

let data: string;
beforeAll(async () => {
  data = await corpus();
});

const recipe = (text: string, ...set: string[]) => parseRecipe(text, { set: [`data=${data}`, ...set] });
const folder = () => mkdtemp(join(tmpdir(), "carousel-run-"));
const silent = { onProgress: () => {} };

describe("train", () => {
  it("goes from parallel text to parameters, and hands them to the export", async () => {
    const runFolder = await folder();
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

  it("resumes with the tokenizers of the first run, to the same scores", async () => {
    const whole = await train({ ...silent, recipe: recipe(TRANSLATION), runFolder: await folder() });
    const runFolder = await folder();
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
    const plain = await train({ ...silent, recipe: recipe(text, ...limits), runFolder: await folder() });
    const whole = await train({ ...silent, recipe: recipe(text, ...limits, key), runFolder: await folder() });
    expect(whole.parameters).not.toEqual(plain.parameters);
    const runFolder = await folder();
    await train({ ...silent, recipe: recipe(text, ...limits, key, "training.maxSteps=4"), runFolder });
    const resumed = await train({ ...silent, recipe: recipe(text, ...limits, key), runFolder, resume: true });
    expect(resumed.parameters).toEqual(whole.parameters);
  });

  it("shows the reward of what it samples in place of a perplexity", async () => {
    const runFolder = await folder();
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
      runFolder: await folder(),
      onProgress: (e) => events.push(e),
    });
    expect(events[0]).toMatchObject({
      message: expect.stringMatching(/^\d+ training pairs \(\d+ left out: \d+ (duplicates|with identical sides), \d+ /),
    });
    const none = recipe(TRANSLATION, "data.filter.dropIdentical=true", "data.maxLength=1");
    await expect(train({ ...silent, recipe: none, runFolder: await folder() })).rejects.toThrow(
      /there is no training pair: 300 left out: .*over maxLength/,
    );
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
    const whole = await train({ ...silent, recipe: drawing, runFolder: await folder() });
    const plain = await train({ ...silent, recipe: recipe(text, ...settings), runFolder: await folder() });
    expect(whole.parameters).not.toEqual(plain.parameters);
    const runFolder = await folder();
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

  it("measures BLEU when something translates", async () => {
    const asked: (readonly string[])[] = [];
    const result = await train({
      ...silent,
      recipe: recipe(TRANSLATION, "training.metric=bleu"),
      runFolder: await folder(),
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
      runFolder: await folder(),
      translate: async (_, { target }) => target.map((s) => s.replaceAll(" ", "")),
    });
    expect(scores!.bleu).toBeCloseTo(100, 5);
  });

  it("trains a language model", async () => {
    const result = await train({ ...silent, recipe: recipe(GENERATION), runFolder: await folder() });
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
      runFolder: await folder(),
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
      runFolder: await folder(),
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
        runFolder: await folder(),
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

  it("stops with a checkpoint when asked to", async () => {
    const runFolder = await folder();
    const stop = new AbortController();
    const exportBundle = () => Promise.reject(new Error("a training that was stopped has nothing to export"));
    const notes: string[] = [];
    const result = await train({
      recipe: recipe(TRANSLATION),
      runFolder,
      signal: stop.signal,
      exportBundle,
      onProgress(e) {
        if (e.kind === "step" && e.step === 3) stop.abort();
        if (e.kind === "note") notes.push(e.message);
      },
    });
    expect(notes.slice(-2)).toEqual([
      expect.stringMatching(/^stopping after the step or validation at hand/),
      expect.stringMatching(/^stopped; resume from /),
    ]);
    expect(result).toMatchObject({ reason: "interrupted" });
    expect((await readFile(join(runFolder, "checkpoint.bin"))).length).toBeGreaterThan(1000);
  });

  it("leaves signals to the process where there is nothing to lose: before the first step and after the last", async () => {
    const handlers = () => process.listenerCount("SIGINT");
    const none = handlers();
    const seen: Record<string, number[]> = { note: [], step: [], validation: [], export: [] };
    await train({
      recipe: recipe(TRANSLATION, "training.maxSteps=2"),
      runFolder: await folder(),
      exportBundle: async () => void seen.export!.push(handlers() - none),
      onProgress: (e) => void seen[e.kind]!.push(handlers() - none),
    });
    expect(new Set(seen.note)).toEqual(new Set([0]));
    expect(seen).toMatchObject({ step: [1, 1], validation: [1], export: [0] });
  });

  it.each([1, 3])("carries the state from batch to batch, %i a run, and resumes to the same parameters", async (k) => {
    const set = [
      "data.windows=carried",
      `training.stepsPerRun=${k}`,
      "training.maxEpochs=2",
      "training.validateEvery=50",
    ];
    const whole = await train({ ...silent, recipe: recipe(GENERATION, ...set), runFolder: await folder() });
    const runFolder = await folder();
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
      runFolder: await folder(),
    });
    expect(apart.parameters).not.toEqual(whole.parameters);
  });

  it("does not overwrite a training, nor resume one of another recipe", async () => {
    const runFolder = await folder();
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
    const bundle = await folder();
    await writeFile(join(bundle, "target.model"), "pieces");
    const training = train({ ...silent, recipe: recipe(TRANSLATION), runFolder: bundle });
    await expect(training).rejects.toThrow("target.model is of no training: choose another run folder");
    expect(await readFile(join(bundle, "target.model"), "utf8")).toBe("pieces");
  });

  it("does not begin where another training is under way", async () => {
    const runFolder = await folder();
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

  it.each([
    ["translation", TRANSLATION, "b"],
    ["generation", GENERATION, "a"],
  ])("%s: resumes where the text has moved to, but not with another text", async (_, text, side) => {
    const runFolder = await folder();
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
    const runFolder = await folder();
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
    const runFolder = await folder();
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

  it("refuses a validation text of empty lines, and names the folder that it cannot make", async () => {
    await writeFile(join(data, "blank"), "\n\n");
    const blank = recipe(TRANSLATION, "data.source.valid=blank", "data.target.valid=blank");
    await expect(train({ ...silent, recipe: blank, runFolder: await folder() })).rejects.toThrow(
      "the validation text has no pair with text on both sides",
    );
    const runFolder = join(data, "blank", "run");
    await expect(train({ ...silent, recipe: blank, runFolder })).rejects.toThrow("cannot be made: EEXIST");
  });

  it("names data that is missing", async () => {
    const missing = recipe(TRANSLATION, "data.source.train=none.a");
    await expect(train({ ...silent, recipe: missing, runFolder: await folder() })).rejects.toThrow(
      /no such file: .*none.a/,
    );
  });
});
