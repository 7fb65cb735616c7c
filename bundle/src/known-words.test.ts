import { describe, expect, it } from "vitest";
import { hashBytes } from "./hashes.js";
import { BundleError, casedWordsIn, WordFilter, wordsIn } from "./index.js";

const cut = (text: string) => [...wordsIn(text)].map(({ word }) => word);
/** Words of letters alone, each another. */
const made = (first: string, count: number) =>
  Array.from(
    { length: count },
    (_, k) => first + k.toString(26).replace(/\d/g, (digit) => "qrstuvwxyz"[Number(digit)]!),
  );

describe("the words of a text", () => {
  it("are runs of letters and marks, as they are written", () => {
    expect(cut("Don't tell Zoë, A4 or naïve_Ωμέγα-Ваня!")).toEqual([
      ...["Don", "t", "tell", "Zoë", "A", "or", "naïve", "Ωμέγα", "Ваня"],
    ]);
    expect(cut("1984 … ❤️ ")).toEqual([]);
  });

  it("are runs of katakana and of Han between other letters", () => {
    expect(cut("CDを聴くTomさん")).toEqual(["CD", "聴", "Tom"]);
    expect(cut("佐々木さんはスーパーへ行った。ノ・ヶ月")).toEqual(["佐々木", "スーパー", "行", "月"]);
    expect(cut("ｶﾞｽとギターとカ\u3099ス")).toEqual(["ガス", "ギター", "ガス"]);
    expect([...wordsIn("ｶﾞｽと水")].map(({ start, end }) => [start, end])).toEqual([
      [0, 3],
      [4, 5],
    ]);
  });

  it("are without these where case is asked for", () => {
    expect([...casedWordsIn("CDを聴くTomさん")].map(({ word }) => word)).toEqual(["CD", "Tom"]);
  });

  it("are in NFC, and stand where they are in the text", () => {
    const text = "Chez Zoe\u0308 Noir";
    expect([...wordsIn(text)][1]).toEqual({ word: "Zoë", start: 5, end: 9 });
    expect(text.slice(5, 9)).toBe("Zoe\u0308");
  });
});

describe("a filter of words", () => {
  it("has its words, and about one other in 200", () => {
    const words = made("k", 20_000);
    const filter = WordFilter.parse(WordFilter.of(words).bytes);
    expect(words.filter((word) => !filter.has(word))).toEqual([]);
    const others = made("K", 40_000).filter((word) => filter.has(word)).length / 40_000;
    expect(others).toBeGreaterThan(0.003);
    expect(others).toBeLessThan(0.007);
    expect(filter.bytes.length).toBe(27_575);
  });

  it("has the same bytes whatever the order", () => {
    const words = made("k", 100);
    expect(WordFilter.of([...words, ...words].reverse()).bytes).toEqual(WordFilter.of(words).bytes);
    expect(hashBytes(WordFilter.of(words).bytes).sha256.slice(0, 16)).toBe("c0fdf5fd29152826");
  });

  it("takes in the words of further training", () => {
    const [first, all] = [WordFilter.of(["Tom", "Mary"]), WordFilter.of(["Tom", "Mary"]).with(["Tom", "Robert"])];
    const read = WordFilter.parse(all.bytes);
    expect(["Tom", "Mary", "Robert", "Zimmermann"].map((word) => read.has(word))).toEqual([true, true, true, false]);
    expect(first.has("Robert")).toBe(false);
    expect(all.bytes.length).toBe(first.bytes.length + WordFilter.of(["Robert"]).bytes.length);
    expect(all.with(["Mary", "Robert"])).toBe(all);
  });

  it("may have no word", () => {
    expect(WordFilter.parse(WordFilter.of([]).bytes).has("Tom")).toBe(false);
  });

  it("is refused when it is none, or cut short", () => {
    const { bytes } = WordFilter.of(["Tom", "Mary"]);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => WordFilter.parse(bytes.subarray(0, end))).toThrow(BundleError);
    }
    expect(() => WordFilter.parse(Uint8Array.of(...bytes, 0))).toThrow("cut short: 4 bytes are missing");
    expect(() => WordFilter.parse(Uint8Array.of(...bytes, ...bytes.with(4, 0)))).toThrow("neither may be 0");
  });
});
