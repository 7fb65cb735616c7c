import { describe, expect, it } from "vitest";
import { DataError } from "../data/data-error.js";
import { Random } from "../random.js";
import { InventedNames } from "./invented-names.js";
import { renamed } from "./renamed.js";
import { wordPairs } from "./word-pairs.js";
import { casedWords, segmentsOf } from "./words.js";

const texts = {
  source: [
    "Tom sees the water.",
    "The dog sees Tom.",
    "the water is cold",
    "A dog drinks water!",
    "Tom drinks.",
    "Tom is cold.",
  ],
  target: ["トムは水を見る。", "犬はトムを見る。", "水は冷たい", "犬は水を飲む！", "トムは飲む。", "トムは冷たい。"],
};

describe("words", () => {
  it("are found where no spaces are, with elided articles apart, and make the text again", () => {
    for (const [text, words] of [
      [
        "Elle n'a pas d'eau aujourd’hui, don't l’oublie.",
        ["Elle", "n'a", "pas", "d'", "eau", "aujourd’hui", "don't", "l’", "oublie"],
      ],
      ["私は水を飲む。", ["私", "は", "水", "を", "飲む"]],
      ["", []],
    ] as const) {
      const segments = segmentsOf(text);
      expect(segments.map((segment) => segment.text).join("")).toBe(text);
      expect(segments.flatMap((segment) => (segment.word ? [segment.text] : []))).toEqual(words);
    }
  });

  it("keep the capital that is their own, and not that of a sentence", () => {
    expect(casedWords(["The dog and Tom", "Tom. The dog. The cat.", "and the dog, the cat", "Dogs", "!"])).toEqual([
      ["the", "dog", "and", "Tom"],
      ["Tom", "the", "dog", "the", "cat"],
      ["and", "the", "dog", "the", "cat"],
      ["Dogs"],
      [],
    ]);
  });
});

describe("a dictionary of a text", () => {
  it("has words that are what each other most likely becomes", () => {
    const { source, target } = wordPairs(texts, { least: 2 });
    const found = source.map((word, k) => `${word} ${target[k]}`);
    expect(found).toEqual(expect.arrayContaining(["Tom トム", "water 水", "dog 犬", "cold 冷たい", "drinks 飲む"]));
    expect(new Set(target).size).toBe(target.length);
  });

  it("leaves out what is rare or uncertain", () => {
    expect(wordPairs(texts, { least: 4 }).source).toEqual(["Tom"]);
    expect(wordPairs(texts, { least: 1, probability: 1 }).source).toEqual([]);
    expect(wordPairs({ source: ["", "?"], target: ["a", "?"] }, { least: 1 })).toEqual({ source: [], target: [] });
  });
});

describe("invented names", () => {
  const words = ["water", "winter", "Waiter", "writer", "river", "railway", "water"];

  it("are spelled like words, and are none", () => {
    const invented = new InventedNames(words);
    const random = new Random(1);
    const names = Array.from({ length: 300 }, () => invented.next(random));
    for (const name of names) expect(name).toMatch(/^([A-Z]{2,4}|[A-Z][a-z]{2,10}( [A-Z][a-z]{2,10})?)$/);
    expect(names.filter((name) => words.some((word) => word.toLowerCase() === name.toLowerCase()))).toEqual([]);
    expect(new Set(names).size).toBeGreaterThan(30);
    expect(names.some((name) => /^[A-Z]{2,4}$/.test(name)) && names.some((name) => name.includes(" "))).toBe(true);
  });

  it("need words to be like", () => {
    expect(() => {
      const random = new Random(1);
      const invented = new InventedNames(["42", "abc"]);
      for (let k = 0; k < 100; k++) invented.next(random);
    }).toThrow(DataError);
  });
});

describe("renamed sentences", () => {
  const more = {
    source: [...texts.source, "winter waiter writer river railway"],
    target: [...texts.target, "冬"],
  };

  it("have the same invented name on both sides, wherever the old one stood", () => {
    const { source, target } = renamed(more, { least: 2, times: 3 });
    expect(source).toHaveLength(4 * 3);
    source.forEach((sentence, k) => {
      const name = /^(.*) (sees the water|drinks|is cold)\.$/.exec(sentence)?.[1] ?? /sees (.*)\.$/.exec(sentence)![1]!;
      expect(name).not.toBe("Tom");
      expect(target[k]).toContain(name);
      expect(target[k]).not.toContain("トム");
    });
    expect(new Set(source).size).toBe(source.length);
    expect(renamed(more, { least: 2, times: 3 }).source).toEqual(source);
    expect(renamed(more, { least: 2, times: 3, seed: 2 }).source).not.toEqual(source);
  });

  it("have another number where both sides have the same of two digits or more, of whatever width", () => {
    const numbers = { source: ["I have 12 cats, 3 dogs and 12 birds."], target: ["猫１２匹と犬3匹と鳥１２羽がいる。"] };
    const { source, target } = renamed(numbers, { invent: () => ({ source: "?", target: "?" }) });
    const [, first, second] = /^I have (\d{2,5}) cats, 3 dogs and (\d{2,5}) birds\.$/.exec(source[0]!)!;
    expect(first).toBe(second);
    expect(first).not.toBe("12");
    expect(target).toEqual([`猫${first}匹と犬3匹と鳥${first}羽がいる。`]);
    expect(
      renamed({ source: ["12 cats"], target: ["13 chats"] }, { invent: () => ({ source: "", target: "" }) }).source,
    ).toEqual([]);
  });

  it("may be written otherwise on either side", () => {
    const invent = () => ({ source: "Karin", target: "カリン" });
    const { source, target } = renamed(texts, { least: 2, invent });
    expect([source[1], target[1]]).toEqual(["The dog sees Karin.", "犬はカリンを見る。"]);
  });
});
