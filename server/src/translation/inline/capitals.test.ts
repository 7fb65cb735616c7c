import { WordFilter, wordsIn } from "@carousel/bundle";
import { describe, expect, it } from "vitest";
import { demandsOf } from "../terms/demands.js";
import { inCapitals, normalWriting } from "./capitals.js";
import type { Span } from "./span.js";

const SEEN =
  "I love you and do not touch the door on TV in Boston. Oh hello, l, who has three doors, a tattoo? Don't say it to us. école élève groß";
const words = WordFilter.of([...wordsIn(SEEN)].map(({ word }) => word));
const writing = (text: string, language = "en") => normalWriting({ text, spans: [], demands: [] }, { language, words });

describe("a sentence in capitals", () => {
  it.each([
    ["I LOVE YOU", "I love you"],
    ["THE DOOR ON TV IN BOSTON", "The door on TV in Boston"],
    ["ZIMMERMANN HAS TATTOOS!", "Zimmermann has tattoos!"],
    ["DON'T TOUCH B12, COVID-19 AND 3 DOORS", "Don't touch B12, COVID-19 and 3 doors"],
    ["HELLO", "Hello"],
    ["L'ÉCOLE, L'E\u0301LE\u0300VE", "L'école, l'e\u0301le\u0300ve"],
  ])("is read in normal writing: %s", (text, expected) => {
    expect(writing(text)).toEqual({ text: expected, isShouted: true });
  });

  it.each(["I", "ON", "TV", "BBC ZDF", "TV ON Boston", "BBC", "123", ""])("is not: %s", (text) => {
    expect(writing(text).isShouted).toBe(false);
  });

  it("is so by its letters alone where no words are known", () => {
    const written = (text: string) =>
      normalWriting({ text, spans: [], demands: [] }, { language: "en", words: undefined });
    expect(written("I SAW BOSTON ON TV")).toEqual({ text: "I saw boston on tv", isShouted: true });
    expect(written("HELLO").isShouted).toBe(false);
  });

  it("has no letter where another was", () => {
    expect(writing("I LOVE GRO\u1e9e AND \u0130STANBUL").text).toBe("I love groß and \u0130STANBUL");
  });

  it("is not in a language without capitals", () => {
    expect(writing("I LOVE YOU", "ja")).toEqual({ text: "I LOVE YOU", isShouted: false });
  });

  it("keeps placeholders", () => {
    const kept: Span = {
      start: 7,
      end: 10,
      before: "",
      after: "",
      children: [],
      instead: { text: "{x}", standIn: { forms: ["Tom"], foreign: true } },
    };
    const sentence = { text: "I LOVE TOM", spans: [kept], demands: [] };
    expect(normalWriting(sentence, { language: "en", words }).text).toBe("I love TOM");
  });
});

describe("words in capitals", () => {
  it.each([
    ["Please do NOT touch", "Please do not touch"],
    ["TOUCH the door", "Touch the door"],
    ["The TV of BBC said: IT is for US, says WHO", "The TV of BBC said: IT is for US, says WHO"],
  ])("are read in small letters where these are known, and capitals are not: %s", (text, expected) => {
    expect(writing(text)).toEqual({ text: expected, isShouted: false });
  });

  it("are terms where a term has them", () => {
    const term = { source: "NOT", target: "x", sourceForms: [], targetForms: [] };
    const text = "Do NOT touch the NOT";
    const demands = demandsOf(text, [{ ...term, case: "match", inflection: "listed" }], []);
    expect(normalWriting({ text, spans: [], demands }, { language: "en", words }).text).toBe(text);
  });
});

describe("a sentence in small letters", () => {
  it.each([
    ["i love boston", "I love Boston"],
    ["oh, boston!", "Oh, Boston!"],
    ["do not touch zimmermann or bostons", "do not touch zimmermann or bostons"],
    ["You love boston", "You love boston"],
  ])("has the capitals with which its words are known: %s", (text, expected) => {
    expect(writing(text)).toEqual({ text: expected, isShouted: false });
  });

  it("keeps terms, and has none where no words are known", () => {
    const term = { source: "boston", target: "x", sourceForms: [], targetForms: [] };
    const demands = demandsOf("in boston", [{ ...term, case: "match", inflection: "listed" }], []);
    expect(normalWriting({ text: "in boston", spans: [], demands }, { language: "en", words }).text).toBe("in boston");
    const nothing = { language: "en", words: undefined };
    expect(normalWriting({ text: "in boston", spans: [], demands: [] }, nothing).text).toBe("in boston");
  });
});

describe("a translation in capitals", () => {
  const capitals = (text: string, language: string, kept: { start: number; end: number }[] = []) =>
    inCapitals(text, { language, kept })({ start: 0, end: text.length });

  it("is one of its language", () => {
    expect(capitals("straße, élève", "de")).toBe("STRASSE, ÉLÈVE");
    expect(capitals("iki", "tr")).toBe("İKİ");
    expect(capitals("5 kmです", "ja")).toBe("5 kmです");
  });

  it("is written piece by piece, but for what is kept", () => {
    const write = inCapitals("le chien de marie", {
      language: "fr",
      kept: [
        { start: 12, end: 17 },
        { start: 3, end: 8 },
      ],
    });
    expect(write({ start: 0, end: 17 })).toBe("LE chien DE marie");
    expect(write({ start: 5, end: 14 })).toBe("ien DE ma");
  });
});
