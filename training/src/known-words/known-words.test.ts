import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type TranslationManifest, verifyBundle, WordFilter } from "@carousel/bundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { averageBundles } from "../export/average-bundles.js";
import { upgradeBundle } from "../export/upgrade-bundle.js";
import { quantizeBundle } from "../quantization/quantize-bundle.js";
import { train } from "../train-recipe.js";
import { addKnownWords } from "./add-known-words.js";
import { wordsSeen } from "./words-seen.js";

const RECIPE = `
name: tiny
task: translation
data:
  folder: .
  source: { language: en, train: train.en, valid: valid.en }
  target: { language: fr, train: train.fr, valid: valid.fr }
  filter: { dropIdentical: true }
  extra: [{ source: train.en, target: train.fr, case: lower }]
tokenizer: { type: char, vocabularySize: 60 }
model: { embedding: 8, encoder: { hidden: 8 }, decoder: { hidden: 8 } }
training: { learningRate: 0.001, batchTokens: 400, maxSteps: 1, validateEvery: 1, threads: 1 }
`;

const frozen = (name: string) => fileURLToPath(new URL(`../../../tests/fixtures/${name}`, import.meta.url));

describe("the words that a model has seen", () => {
  let work: string;
  const at = (...names: string[]) => join(work, ...names);
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), "known-words-"));
    await writeFile(at("recipe.yaml"), RECIPE);
    await writeText(["Tom sees Tom.", "Mary sees a dog.", "Mary sleeps.", "Anna", "Anna"]);
    await writeFile(at("other.en"), "Robert Zimmermann\nRobert\n");
    await writeFile(at("broken.en"), Buffer.from([0x61, 0x0a, 0xff]));
    await writeFile(at("empty.en"), "");
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  /** Each line becomes « le … », but for Anna, whom nobody translated. */
  async function writeText(lines: readonly string[]): Promise<void> {
    const translated = lines.map((line) => (line === "Anna" ? line : `le ${line}`));
    for (const split of ["train", "valid"]) {
      await writeFile(at(`${split}.en`), lines.map((line) => `${line}\n`).join(""));
      await writeFile(at(`${split}.fr`), translated.map((line) => `${line}\n`).join(""));
    }
  }

  async function trained(run: string, ...overrides: string[]): Promise<string> {
    const settings = [`data=${work}`, ...overrides];
    const { bundle } = await train({
      recipe: at("recipe.yaml"),
      overrides: settings,
      runFolder: at(run),
      onProgress: () => {},
    });
    return bundle!.folder;
  }

  async function manifestOf(folder: string): Promise<TranslationManifest> {
    return (await verifyBundle(folder)).manifest as TranslationManifest;
  }

  /** Those of a few words that a bundle knows; undefined where it does not say. */
  async function known(folder: string): Promise<string[] | undefined> {
    const { words } = await manifestOf(folder);
    if (!words) return undefined;
    const filter = WordFilter.parse(await readFile(join(folder, words)));
    return ["Tom", "tom", "Mary", "sees", "sleeps", "Anna", "Robert", "Zimmermann"].filter((word) => filter.has(word));
  }

  const add = (folder: string, out: string, texts: string[], minimum = 2) =>
    addKnownWords({ folder, out, texts, minimum, progress: { write: () => true } });

  it("are those that stand in its text often enough, as they are written", async () => {
    expect(await wordsSeen(["a Tom Tom", "a tom", "Cafe\u0301", "Café"])).toEqual(["a", "Tom", "Café"]);
    expect(await wordsSeen(["a Tom", "a"], 1)).toEqual(["a", "Tom"]);
  });

  it("are in the bundle of a training, without those of extra pairs and of pairs that were left out", async () => {
    expect(await known(await trained("first"))).toEqual(["Tom", "Mary", "sees"]);
  });

  it("stay when the bundle is quantized, upgraded and averaged, and are added to when it is trained on", async () => {
    const first = at("first", "bundle");
    const words = ["Tom", "Mary", "sees"];
    await quantizeBundle({ folder: first, out: at("int8") });
    await cp(first, at("upgraded"), { recursive: true });
    await upgradeBundle(at("upgraded"));
    await averageBundles({ folders: [first, first], share: 0.5, out: at("averaged") });
    for (const folder of ["int8", "upgraded", "averaged"]) expect(await known(at(folder))).toEqual(words);
    await writeText(["Robert sleeps.", "Robert sees."]);
    expect(await known(await trained("second", `from=${first}`))).toEqual([...words, "Robert"]);
  });

  it("are not said of a model that was trained on from one of which nobody knows", async () => {
    const { words: _, ...rest } = JSON.parse(await readFile(at("first", "bundle", "manifest.json"), "utf8"));
    await cp(at("first", "bundle"), at("silent"), { recursive: true });
    await writeFile(at("silent", "manifest.json"), JSON.stringify(rest));
    expect(await known(await trained("third", `from=${at("silent")}`))).toBeUndefined();
  });

  it("can be given to any bundle that translates, which stays as it was", async () => {
    for (const name of ["bundles/v1-tiny-translation", "bundles-v3/v3-tiny-int8", "bundles-v4/v4-tiny-ctc"]) {
      const before = await manifestOf(frozen(name));
      const { manifest, words } = await add(frozen(name), at("given"), [at("other.en"), at("other.en")], 3);
      expect(words).toBe(1);
      expect(await known(at("given"))).toEqual(["Robert"]);
      const { "words.bin": file, ...files } = manifest.files;
      expect(file?.bytes).toBe(69);
      expect({ ...manifest, files, words: undefined }).toEqual({ ...before, version: manifest.version });
      expect(manifest.version).not.toBe(before.version);
    }
    await add(at("given"), at("given"), [at("other.en")], 1);
    expect(await known(at("given"))).toEqual(["Robert", "Zimmermann"]);
  });

  it("are refused where there is no text, and by what translates nothing", async () => {
    const { version } = await manifestOf(at("int8"));
    const from = (text: string) => add(at("int8"), at("int8"), [at("other.en"), at(text)]);
    await expect(from("none.en")).rejects.toThrow(`no such file: ${at("none.en")}`);
    await expect(from("broken.en")).rejects.toThrow("broken.en is not valid UTF-8 (line 2)");
    await expect(from("empty.en")).rejects.toThrow("empty.en is empty");
    await expect(add(at("int8"), work, [at("other.en")])).rejects.toThrow("is no bundle and not empty");
    const generation = frozen("bundles-v2/v2-tiny-generation");
    await expect(add(generation, at("none"), [at("other.en")])).rejects.toThrow("is a generation bundle");
    expect((await manifestOf(at("int8"))).version).toBe(version);
  });
});
