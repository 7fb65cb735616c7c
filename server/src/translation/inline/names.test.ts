import { WordFilter, wordsIn } from "@carousel/bundle";
import { describe, expect, it } from "vitest";
import type { Span } from "./span.js";
import { withKnownWords } from "./unknown-words.js";

const SEEN =
  "My name is Robert. He does like the car of Tom and Mary go to Boston or Tokyo? He met John in the house, she was with Alice. " +
  "I love people who eat tattoo cake in Osaka on TV. Mr. and Mrs. Smith saw Kyoto from their garden. Bill has a bill.";
const words = WordFilter.of([...wordsIn(SEEN)].map(({ word }) => word));

const named = (
  text: string,
  { source = "en", spans = [] as Span[], closed = [] as { start: number; end: number }[] } = {},
) => withKnownWords({ text, spans }, { languages: { source, target: "fr" }, words, closed });
const namesIn = (text: string, source?: string) =>
  named(text, source ? { source } : {}).spans.map(({ instead }) => instead!.text);

describe("names that a model has not seen", () => {
  it.each([
    ["My name is Robert Zimmermann.", ["Robert Zimmermann"]],
    ["My name is Robert.", []],
    ["Does Zimmermann's car go?", ["Zimmermann"]],
    ["Mr. Zimmermann met Mrs. Fezzik and Bill Vorlox", ["Zimmermann", "Fezzik", "Vorlox"]],
    ["Dr. Zimmermann met Mr. J. K. Vorlox", ["Dr. Zimmermann", "J. K. Vorlox"]],
    ["J. K. Vorlox, Johann S. Zimmermann and O'Brien", ["J. K. Vorlox", "Johann S. Zimmermann", "O'Brien"]],
    ["Ludwig van Fezzik, Osama bin Vorlox, Jean-Luc", ["Ludwig van Fezzik", "Osama bin Vorlox", "Jean-Luc"]],
    ["He met ZDF in St. Vorlox on TV", ["ZDF", "St. Vorlox"]],
    ["I love GitHub and iVorlox.", ["GitHub", "iVorlox"]],
    ["COVID-19, B12x, Vorlox_9 and R2D2", []],
    ["Tattoos and X and Łukasz", ["Łukasz"]],
    ["Tattooa Zimmermann met Vorlox", ["Tattooa Zimmermann", "Vorlox"]],
    ["Tattoos Tokyo", []],
    ["He has Tattoos", ["Tattoos"]],
  ])("of %s", (text, expected) => {
    expect(namesIn(text)).toEqual(expected);
  });

  it("are words in a script that the language is not written in", () => {
    expect(namesIn("He saw привет мир in 東京 and 안녕.")).toEqual(["привет мир", "東京", "안녕"]);
    expect(namesIn("He saw Привет, Vorlox")).toEqual(["Привет", "Vorlox"]);
    expect(namesIn("He saw β-carotene, 5 μm, cafe\u0301, ªº, क्षिcake and H2О")).toEqual([]);
    expect(namesIn("私は안녕と言った。ラーメンだ", "ja")).toEqual(["안녕"]);
    expect(namesIn("안녕 東京 こんにちは", "ko")).toEqual(["こんにちは"]);
    expect(named("He was in 東京", { closed: [{ start: 10, end: 12 }] }).spans).toEqual([]);
  });

  it("are joined by small words only where these are no words of the language", () => {
    expect(namesIn("Zimmermann de Fezzik", "en")).toEqual(["Zimmermann de Fezzik"]);
    expect(namesIn("Zimmermann de Fezzik", "fr")).toEqual(["Zimmermann", "Fezzik"]);
  });

  it.each([
    ["Zimmermann met Fezzik, and Zimmermann Fezzik.", "Tom met John, and Mary."],
    ["Zimmermann, Fezzik: Zimmermann!", "Tom, John: Tom!"],
    ["Tom met Zimmermann", "Tom met John"],
    ["Tom Zimmermann met Mary Zimmermann", "Tom met Mary"],
    ["Does she love Zimmermann?", "Does she love Mary?"],
    ["He was in Wuxi with Mr. Fezzik", "He was in Tokyo with Mr. Boston"],
    ["He was in Wuxi's house", "He was in Tom's house"],
  ])("have others in their place, which the text has not: %s", (text, expected) => {
    expect(named(text).text).toBe(expected);
  });

  it("stay where no name is left that the model knows", () => {
    const few = WordFilter.of(["Tom", "and"]);
    const { text } = withKnownWords(
      { text: "Zimmermann and Fezzik and Vorlox", spans: [] },
      { languages: { source: "en", target: "fr" }, words: few, closed: [] },
    );
    expect(text).toBe("Tom and Fezzik and Vorlox");
  });

  it("are those of other scripts in Japanese", () => {
    const { text, spans } = named("私はZimmermannです。", { source: "ja" });
    expect(text).toBe("私はトムです。");
    expect(spans[0]!.instead!.text).toBe("Zimmermann");
  });

  it("leave placeholders and terms, and what is in two tags is two", () => {
    const text = "Fezzik met Vorlox Zimmermann in Wuxi";
    const tag = (start: number, end: number): Span => ({ start, end, before: "<b>", after: "</b>", children: [] });
    const instead = { text: "{x}", standIn: { forms: ["Fezzik"], foreign: true } };
    const kept: Span = { start: 0, end: 6, before: "", after: "", children: [], instead };
    const options = { spans: [kept, tag(11, 17)], closed: [{ start: 32, end: 36 }] };
    const { text: written, spans, moved } = named(text, options);
    expect(written).toBe("Fezzik met Tom John in Wuxi");
    expect(written.slice(moved(32), moved(36))).toBe("Wuxi");
    expect(spans.map(({ start, end, instead }) => [written.slice(start, end), instead?.text])).toEqual([
      ["Fezzik", "{x}"],
      ["Tom", undefined],
      ["John", "Zimmermann"],
    ]);
    expect(spans[1]!.children[0]!.instead!.text).toBe("Vorlox");
  });

  it("are found in a time that grows as their number", { timeout: 3000 }, () => {
    for (const part of ["Zi ", "J. ", "Zi-", "O'", "Zi van ", "St. "]) named(part.repeat(2000 / part.length));
  });
});
