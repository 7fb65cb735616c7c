import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { parseRecipe, type TranslationRecipe } from "../recipe/index.js";
import type { TrainingData } from "./batch.js";
import { withExtraPairs } from "./extra-pairs.js";
import { translationCorpus } from "./translation-corpus.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-extra-"));
  const files = { "t.de": "ein hund\n", "t.en": "a dog\n", "d.en": "one dog\n", "b.de": "der hund\n\nein hund\n" };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await writeFile(join(folder, "b.en"), "the dog\nno source\na dog\n");
  return () => rm(folder, { recursive: true });
});

function recipe(extra: object[], more: { set?: string[]; tokenizer?: object } = {}): TranslationRecipe {
  const text = {
    name: "extra",
    task: "translation",
    data: {
      folder,
      source: { language: "de", train: "t.de", valid: join(folder, "t.de") },
      target: { language: "en", train: "t.en", valid: "t.en" },
      extra,
    },
    tokenizer: { type: "char", vocabularySize: 40, characterCoverage: 1, normalization: "identity", ...more.tokenizer },
    model: { embedding: 8, encoder: { hidden: 8 }, decoder: { hidden: 16 } },
    training: { learningRate: 0.01, batchTokens: 200, maxEpochs: 1, validateEvery: 1 },
  };
  return parseRecipe(JSON.stringify(text), { set: more.set ?? [] }) as TranslationRecipe;
}

const paths = () => ({ source: join(folder, "s"), target: join(folder, "t"), shared: join(folder, "both") });
const split = { source: ["ein hund"], target: ["a dog"] };
const distilled = { source: "t.de", target: "d.en", repeat: 2 };
const backTranslated = () => ({ source: join(folder, "b.de"), target: "b.en", tag: "<bt>" });

/** Ids of all source sentences of an epoch, without padding. */
function sources(data: TrainingData): number[][] {
  const epoch = data.epoch(0);
  return Array.from({ length: epoch.length }, (_, k) => epoch.batch(k)).flatMap(({ feeds, sizes }) => {
    const ids = Array.from(feeds.source!.data as ArrayLike<number | bigint>, Number); // [S, B]
    return Array.from({ length: sizes.B }, (_, b) => ids.filter((id, at) => at % sizes.B === b && id !== 0));
  });
}

describe("extra pairs", () => {
  it("stand behind the split, repeated and tagged", async () => {
    const { text } = await withExtraPairs(split, recipe([distilled, backTranslated()]).data);
    expect(text.source).toEqual(["ein hund", "ein hund", "ein hund", "<bt> der hund", "", "<bt> ein hund"]);
    expect(text.target).toEqual(["a dog", "one dog", "one dog", "the dog", "no source", "a dog"]);
  });

  it("come without the full stops of both sides, where both have one", async () => {
    const pairs = [
      ["彼は医者です。", "He is a doctor."],
      ["え？！ ", "What ?!"],
      ["「はい。」", "“Yes.”"],
      ["3.5と…", "3.5 and…"],
      ["題", "A title."],
      ["。", "..."],
      ["終わり。", "The end"],
    ];
    for (const [k, name] of ["q.de", "q.en"].entries()) {
      await writeFile(join(folder, name), pairs.map((pair) => `${pair[k]}\n`).join(""));
    }
    const extra = { source: "q.de", target: "q.en", punctuation: "dropped" };
    const { text } = await withExtraPairs(split, recipe([extra]).data);
    expect(text.source.slice(1)).toEqual(["彼は医者です", "え", "3.5と", ""]);
    expect(text.target.slice(1)).toEqual(["He is a doctor", "What", "3.5 and", ""]);
  });

  it("come in lower case, behind their tag", async () => {
    const extra = { ...backTranslated(), source: "u.de", target: "u.en", case: "lower", tag: "<BT>" };
    await writeFile(join(folder, "u.de"), "Ein HUND.\n");
    await writeFile(join(folder, "u.en"), "A dog: Él.\n");
    const { text } = await withExtraPairs(split, recipe([extra]).data);
    expect(text).toEqual({ source: ["ein hund", "<BT> ein hund."], target: ["a dog", "a dog: él."] });
  });

  it("are no duplicates of the split, nor of their own repetition", async () => {
    const same = { source: "t.de", target: "t.en", repeat: 2 };
    const { data } = recipe([same], { set: ["data.deduplicate=true"] });
    const twice = { source: ["ein hund", "ein hund"], target: ["a dog", "a dog"] };
    const { text, leftOut } = await withExtraPairs(twice, data);
    expect(text.source).toHaveLength(3);
    expect([...leftOut]).toEqual([["duplicates", 1]]);
  });

  it("have a tag that is one piece to the tokenizer, whatever its kind", async () => {
    for (const [k, tokenizer] of [
      { normalization: "nfkc" },
      { shared: true },
      { type: "bpe", dropout: 0.5 },
    ].entries()) {
      const at = { source: join(folder, `s${k}`), target: join(folder, `t${k}`), shared: join(folder, `b${k}`) };
      const corpus = await translationCorpus(recipe([backTranslated()], { tokenizer }), at);
      const { source } = corpus.tokenizers;
      const tag = source.encode("<bt>").find((id) => source.piece(id) === "<bt>")!;
      const tags = sources(corpus.data).map((ids) => ids.filter((id) => id === tag).length);
      expect(tags.sort()).toEqual([0, 1, 1]);
      expect(corpus.summary).toMatch(/^3 training pairs \(1 left out: 1 with an empty side\)/);
    }
  });

  it("with a tag are refused by a tokenizer that was learned without it", async () => {
    await translationCorpus(recipe([]), paths());
    await expect(translationCorpus(recipe([backTranslated()]), paths())).rejects.toThrow(
      "the source tokenizer has no piece <bt>",
    );
  });

  it("must align, and have a tag that is one", async () => {
    const { data } = recipe([{ source: "t.de", target: "b.en" }]);
    await expect(withExtraPairs(split, data)).rejects.toThrow(/t.de has 1 lines but .*b.en has 3/);
    expect(() => recipe([{ ...distilled, tag: "bt" }])).toThrow(
      "data.extra[0].tag: must be a word in angle brackets such as <bt>",
    );
    expect(() => recipe([{ ...distilled, repeat: 0 }])).toThrow("data.extra[0].repeat");
  });
});
