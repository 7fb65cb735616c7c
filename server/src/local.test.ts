import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CarouselError } from "./errors.js";
import { samplingOptions, searchOptions } from "./gateway/validate.js";
import { lengthOrder, windowsOf } from "./length-order.js";
import { LocalModel, type TextRequest } from "./local.js";
import { derivedSeed } from "./seeds.js";
import type { TranslatedText } from "./translation/translator.js";

const bundle = (name: string) => new URL(`../../tests/fixtures/bundles/${name}`, import.meta.url).pathname;
const sentences = ["彼は医者です。", "", "私は学生です。これは本です。", "本", "それは何ですか。", "です"];
const texts = Array.from({ length: 50 }, (_, k) => sentences[k % 6]!.repeat(1 + (k % 4)));
const textOf = (outcome: TranslatedText | CarouselError) =>
  outcome instanceof CarouselError ? outcome : outcome.hypotheses[0]!.text;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("a local model", () => {
  let model: LocalModel;
  beforeAll(async () => {
    model = await LocalModel.open(bundle("v1-tiny-translation"), { intraOpThreads: 1 });
  });
  afterAll(() => model.close());

  const search = searchOptions({ beamSize: 2, nBest: 2, maxLength: 20 });
  const each = async (requests: TextRequest[], window: number) =>
    (await all(model.translateEach(requests, { window }))).map(textOf);

  it("keeps the order of the texts and their translations, whatever the window", async () => {
    const requests = texts.map((text) => ({ text, options: search }));
    const apart = await each(requests, 1);
    expect(new Set(apart).size).toBeGreaterThan(3);
    expect(apart[texts.indexOf("")]).toBe("");
    for (const window of [7, 2048]) expect(await each(requests, window)).toEqual(apart);
    expect((await all(model.translate(texts, search))).map(textOf)).toEqual(apart);
  });

  it("reads no more than two windows ahead, and reports every text that is done", async () => {
    let read = 0;
    let done = 0;
    function* requests() {
      for (const text of texts) {
        read++;
        yield { text, options: search };
      }
    }
    const onTranslated = () => void done++;
    for await (const _ of model.translateEach(requests(), { window: 10, onTranslated })) break;
    expect(read).toBe(20);
    const outcomes = await all(model.translateEach(requests(), { window: 10, onTranslated: () => void done++ }));
    expect(outcomes).toHaveLength(texts.length);
    expect(done).toBeGreaterThanOrEqual(texts.length);
  });

  it("cuts a sentence that has more tokens than the model takes until it fits, and no other", async () => {
    const [manyTokens, manyCharacters] = ["は".repeat(100), "私は学生です、".repeat(4)];
    const [alone, beside] = await all(model.translate([manyTokens, `${manyCharacters}。${manyTokens}`], search));
    expect(alone).toMatchObject({ segments: 9, splitSentences: 1 }); // of twelve characters, which surely fit in 40 tokens
    expect(beside).toMatchObject({ segments: 10, splitSentences: 1 });
  });

  it("gives the error of a text that cannot be translated in its place", async () => {
    const begun = "k".repeat(100);
    const prefixes = ["", begun, ""];
    const requests = prefixes.map((prefix) => ({ text: "本", prefix, options: search }));
    const [first, second, third] = await all(model.translateEach(requests));
    expect(second).toBeInstanceOf(CarouselError);
    expect((second as CarouselError).message).toMatch(/target_prefixes has \d+ tokens; the limit of .* is 19/);
    expect(textOf(third!)).toBe(textOf(first!));
    await expect(all(model.translate(["本", "本", "本"], search, { prefixes }))).rejects.toThrow("the limit of");
  });

  it("draws by the seed of each text, whatever its company", async () => {
    const drawing = (text: string, seed: number) => ({ text, options: samplingOptions({ seed, maxTokens: 12 }) });
    const requests = Array.from({ length: 8 }, (_, k) => drawing("彼は医者です。", derivedSeed(1, k)));
    const together = await each(requests, 2048);
    expect(new Set(together).size).toBeGreaterThan(4);
    expect(await each(requests.slice(5), 2)).toEqual(together.slice(5));
    // nor do the sentences of one text draw the same
    const [twice] = await each([drawing("本。本。", 1)], 1);
    const halves = [await each([drawing("本。", 1)], 1)].flat();
    expect(twice).not.toBe(`${halves[0]} ${halves[0]}`);
  });

  it("refuses to translate with a language model", async () => {
    const generator = await LocalModel.open(bundle("v1-tiny-generation"), { intraOpThreads: 1 });
    await expect(all(generator.translate(["本"], search))).rejects.toThrow(
      "model is v1-tiny-generation, a generation model; it must be a translation model",
    );
    await generator.close();
  });
});

describe("order of length", () => {
  it("falls and rises by turns", () => {
    const window = ["aa", "a", "aaaa", "aaa"].map((text) => ({ text }));
    expect(lengthOrder(window, 0)).toEqual([2, 3, 0, 1]);
    expect(lengthOrder(window, 1)).toEqual([1, 0, 3, 2]);
  });

  it("is of windows that hold every item once", async () => {
    expect(await all(windowsOf([1, 2, 3, 4, 5], 2))).toEqual([[1, 2], [3, 4], [5]]);
    expect(await all(windowsOf([1, 2], 2))).toEqual([[1, 2]]);
    expect(await all(windowsOf([], 2))).toEqual([]);
  });
});

it("derived seeds are whole, differ, and follow from both numbers", () => {
  const seeds = [0, 1, 2 ** 32 - 1].flatMap((seed) => Array.from({ length: 1000 }, (_, n) => derivedSeed(seed, n)));
  expect(new Set(seeds).size).toBe(3000);
  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  expect(derivedSeed(7, 3)).toBe(derivedSeed(7, 3));
});
