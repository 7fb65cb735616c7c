import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { decodeLexicon, type TranslationManifest } from "@carousel/bundle";
import { describe, expect, it } from "vitest";
import { paritySamples } from "./export/parity-samples.js";
import { upgradeBundle } from "./export/upgrade-bundle.js";
import { quantizeBundle } from "./quantization/quantize-bundle.js";
import { Random } from "./random.js";
import { loadRecipe } from "./recipe/index.js";
import { type Trained, train } from "./train-recipe.js";
import { readCorpus } from "./trainer/corpus.js";
import type { TrainingEvent } from "./trainer/events.js";
import { RunFolder } from "./trainer/run-folder.js";

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

const WORDS = ["one", "two", "three", "four"];

/** A folder with a recipe and lines of random words. */
async function workplace(recipe: string, words: readonly string[] = WORDS) {
  const folder = await mkdtemp(join(tmpdir(), "carousel-train-"));
  const random = new Random(3);
  const word = () => words[random.below(words.length)]!;
  const lines = (n: number) => Array.from({ length: n }, () => `${word()} ${word()} ${word()}\n`).join("");
  await writeFile(join(folder, "recipe.yaml"), recipe);
  await writeFile(join(folder, "text"), lines(200));
  await writeFile(join(folder, "held"), lines(20));
  return { recipe: join(folder, "recipe.yaml"), overrides: [`data=${folder}`], runFolder: join(folder, "run") };
}

async function lexiconOf({ folder, manifest }: NonNullable<Trained["bundle"]>) {
  const { shortlist, vocabulary } = manifest as TranslationManifest;
  return decodeLexicon(await readFile(join(folder, shortlist!)), vocabulary);
}

describe("fine-tuning", () => {
  it.each([
    ["translation, fp16", TRANSLATION, []],
    ["generation, fp32", GENERATION, ["export.precision=fp32"]],
  ])("goes on from the weights and tokenizers of a bundle: %s", async (_, recipe, settings) => {
    const { overrides, ...first } = await workplace(recipe);
    const longer = ["training.maxSteps=60", "training.validateEvery=60", ...settings];
    const base = await train({ ...first, overrides: [...overrides, ...longer], onProgress: () => {} });
    const folder = base.bundle!.folder;
    const curve = async (changes: string[], words: readonly string[]) => {
      const place = await workplace(recipe, words);
      const losses: number[] = [];
      const notes: string[] = [];
      const { bundle } = await train({
        ...place,
        overrides: [...place.overrides, "training.validateEvery=5", ...changes],
        onProgress(e) {
          if (e.kind === "validation") losses.push(e.loss);
          if (e.kind === "note") notes.push(e.message);
        },
      });
      return { losses, notes, bundle: bundle! };
    };
    // a rate of almost 0 leaves the model as it was: it is measured, and measures what it did
    const still = await curve([`from=${folder}`, "training.learningRate=1e-12", "training.maxSteps=1"], WORDS);
    expect(still.losses[0]).toBeCloseTo(base.scores!.loss, 2);
    expect(still.notes[0]).toMatch(/^starting from the model (copy|words), version [0-9a-f]{16}$/);
    const others = ["three", "tower", "fen", "hour"];
    const tuned = await curve([`from=${folder}`], others);
    const scratch = await curve([], others);
    expect(tuned.losses[0]).toBeLessThan(scratch.losses[0]!);
    expect(tuned.losses[1]).toBeLessThan(0.8 * scratch.losses[1]!);
    const sizes = [base, tuned].map(({ bundle }) => bundle!.manifest.vocabulary.target);
    expect(sizes[1]).toBe(sizes[0]);
    const card = await readFile(join(tuned.bundle.folder, "README.md"), "utf8");
    expect(card).toMatch(/from the model (copy|words), version [0-9a-f]{16};/);
  });

  it("names the first weight that does not fit, and what else is wrong with the bundle", async () => {
    const { overrides, ...first } = await workplace(TRANSLATION);
    const settings = ["training.maxSteps=1", "tokenizer.shared=false"];
    const base = await train({ ...first, overrides: [...overrides, ...settings], onProgress: () => {} });
    const { folder } = base.bundle!;
    const tune = async (recipe: string, ...changes: string[]) => {
      const place = await workplace(recipe);
      return train({ ...place, overrides: [...place.overrides, `from=${folder}`, ...changes], onProgress: () => {} });
    };
    await expect(tune(TRANSLATION)).rejects.toThrow(/has a tokenizer for each side: set tokenizer.shared to false/);
    await expect(tune(TRANSLATION, "tokenizer.shared=false", "model.decoder.hidden=24")).rejects.toThrow(
      /^the weight decoder.0.W of .* is \[16, 128\], the recipe's is \[16, 96\]: /,
    );
    await expect(tune(TRANSLATION, "tokenizer.shared=false", "model.encoder.cell=lstm-1997")).rejects.toThrow(
      /the encoder's cell of .* is lstm, the recipe's is lstm-1997/,
    );
    await expect(tune(TRANSLATION, "tokenizer.shared=false", "model.encoder.layers=2")).rejects.toThrow(
      /has no weight encoder.1/,
    );
    await expect(tune(TRANSLATION, "tokenizer.shared=false", "model.inputFeeding=false")).rejects.toThrow(
      /the weight decoder.feed of .* has no place/,
    );
    const notes: string[] = [];
    const turned = await workplace(TRANSLATION);
    await train({
      ...turned,
      overrides: [
        ...turned.overrides,
        ...settings,
        `from=${folder}`,
        "data.source.language=ja",
        "data.target.language=en-GB",
      ],
      onProgress: (e) => void (e.kind === "note" && notes.push(e.message)),
    });
    expect(notes[1]).toMatch(/^its languages are \w+ → \w+, the recipe's ja → en: /);
    const int8 = `${folder}-int8`;
    await quantizeBundle({ folder, out: int8 });
    await expect(tune(TRANSLATION, ...settings, `from=${int8}`)).resolves.toBeDefined();
    await expect(tune(GENERATION)).rejects.toThrow(/is a model for translation, the recipe is for generation/);
    await expect(tune(TRANSLATION, "from=/nowhere")).rejects.toThrow(/nowhere is not a model bundle/);
  });

  it.each([
    ["translation", TRANSLATION, ["data.source.test=none", "data.target.test=held"]],
    ["generation", GENERATION, ["data.test=none"]],
  ])("looks at the test split before it begins: %s", async (_, recipe, settings) => {
    const { overrides, ...place } = await workplace(recipe);
    const started = train({ ...place, overrides: [...overrides, ...settings], onProgress: () => {} });
    await expect(started).rejects.toThrow(/no such file: .*none/);
  });

  it.each(["train", "valid", "test"])("wants text in each split of a language model: %s", async (split) => {
    const { overrides, ...place } = await workplace(GENERATION);
    await writeFile(join(dirname(place.recipe), "blank"), "");
    const started = train({ ...place, overrides: [...overrides, `data.${split}=blank`], onProgress: () => {} });
    await expect(started).rejects.toThrow(/blank is empty$/);
  });

  it("measures the final parameters of a language model on the test split, once", async () => {
    const { overrides, ...place } = await workplace(GENERATION);
    await cp(join(dirname(place.recipe), "held"), join(dirname(place.recipe), "unseen"));
    const notes: string[] = [];
    const { scores, bundle } = await train({
      ...place,
      overrides: [...overrides, "data.test=unseen"],
      onProgress: (e) => void (e.kind === "note" && notes.push(e.message)),
    });
    // the same text as that of validation
    expect(scores!.test!.loss).toBeCloseTo(scores!.loss, 6);
    expect(bundle!.manifest.metrics).toMatchObject({ valid: { loss: scores!.loss }, test: scores!.test });
    expect(notes.some((n) => n.startsWith(`test: ${scores!.test!.loss.toFixed(4)} nats a token`))).toBe(true);
    expect(await readFile(join(bundle!.folder, "README.md"), "utf8")).toContain("on the test split");
  });

  it("compares the graphs on sentences that the model takes, however long those of the validation text are", async () => {
    const { overrides, ...place } = await workplace(TRANSLATION);
    const held = join(dirname(place.recipe), "held");
    await writeFile(held, `${"one two ".repeat(500)}\n${await readFile(held, "utf8")}`);
    const recipe = await loadRecipe(place.recipe, { set: overrides });
    const run = new RunFolder(place.runFolder);
    await run.create();
    const samples = await paritySamples({ recipe, corpus: await readCorpus(recipe, run) });
    expect(samples[0]!.source).toHaveLength(256);
    expect(samples[0]!.target).toHaveLength(256);
    expect(samples[1]!.source.length).toBeLessThan(20);
  });

  it("resumes without the bundle, and keeps what its shortlist had", async () => {
    const shortlist = "export.shortlist={ common: 0, best: 3 }";
    const { overrides, ...first } = await workplace(TRANSLATION);
    const base = await train({ ...first, overrides: [...overrides, shortlist], onProgress: () => {} });
    const before = await lexiconOf(base.bundle!);
    const place = await workplace(TRANSLATION, ["fen", "hut"]);
    const tune = (changes: string[], resume: boolean) =>
      train({ ...place, overrides: [...place.overrides, shortlist, ...changes], resume, onProgress: () => {} });
    await tune([`from=${base.bundle!.folder}`], false);
    await rm(base.bundle!.folder, { recursive: true });
    const resumed = await tune(["training.maxSteps=12"], true);
    expect(resumed.reason).toBe("limit");
    const { translations } = await lexiconOf(resumed.bundle!);
    before.translations.forEach(
      (ids, source) => void expect(translations[source]).toEqual(expect.arrayContaining([...ids])),
    );
    const sizes = [before.translations, translations].map((lists) => lists.flat().length);
    expect(sizes[1]).toBeGreaterThan(sizes[0]!);
  });

  it("says that a shortlist of the new text alone leaves out what else the model knows", async () => {
    const { overrides, ...first } = await workplace(TRANSLATION);
    const base = await train({ ...first, overrides, onProgress: () => {} });
    const place = await workplace(TRANSLATION);
    const notes: string[] = [];
    await train({
      ...place,
      overrides: [...place.overrides, `from=${base.bundle!.folder}`, "export.shortlist={}"],
      onProgress: (e) => void (e.kind === "note" && notes.push(e.message)),
    });
    expect(notes[1]).toMatch(/^it has no shortlist: /);
  });
});

describe("train", () => {
  it.each([
    [
      "translation",
      TRANSLATION,
      ["README.md", "decoder.onnx", "encoder.onnx", "manifest.json", "shared.model", "words.bin"],
    ],
    ["translation", CTC, ["README.md", "decoder.onnx", "encoder.onnx", "manifest.json", "shared.model", "words.bin"]],
    ["generation", GENERATION, ["README.md", "decoder.onnx", "manifest.json", "target.model"]],
  ])("goes from a recipe of %s to a bundle", async (task, recipe, files) => {
    const events: TrainingEvent[] = [];
    const { bundle, scores } = await train({ ...(await workplace(recipe)), onProgress: (e) => events.push(e) });
    expect(bundle!.manifest.task).toBe(task);
    expect((await readdir(bundle!.folder)).toSorted()).toEqual(files);
    expect(scores!.bleu === undefined).toBe(task === "generation");
    expect(events.filter((e) => e.kind === "validation")).toHaveLength(2);
    // written anew from the weights that it stores, a bundle is what it was
    const { before, after, parity } = await upgradeBundle(bundle!.folder);
    expect(after).toEqual(before);
    expect(parity).toBe(0);
    expect((await readdir(bundle!.folder)).toSorted()).toEqual(files);
  });
});

it("knows before it trains that something else stands where the bundle goes", async () => {
  const place = await workplace(TRANSLATION);
  await mkdir(join(place.runFolder, "bundle"), { recursive: true });
  await writeFile(join(place.runFolder, "bundle", "thesis.txt"), "ten years");
  const events: TrainingEvent[] = [];
  const training = train({ ...place, onProgress: (e) => events.push(e) });
  await expect(training).rejects.toThrow("is no bundle and not empty");
  expect(events).toEqual([]);
});
