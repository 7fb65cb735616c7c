import { expect, test } from "vitest";
import { demandsOf } from "../terms/demands.js";
import { cutSpans } from "./parts.js";
import { Sentences } from "./sentences.js";

const TERM = {
  source: "a",
  target: "b",
  sourceForms: [],
  targetForms: [],
  case: "match",
  inflection: "listed",
} as const;
const LANGUAGES = { source: "en", target: "fr" };

test("spans are cut in a time that grows as the number of parts", { timeout: 3000 }, () => {
  const span = (start: number) => ({ start, end: start + 1, before: "<b>", after: "</b>", children: [] });
  const parts = cutSpans(
    Array.from({ length: 20_000 }, (_, k) => span(k)),
    new Array(20_000).fill(1),
  );
  expect(parts[19_999]).toEqual([{ ...span(0) }]);
});

test("terms are found in a time that grows as their number", { timeout: 3000 }, () => {
  const text = "a. ".repeat(20_000);
  expect(demandsOf(text, [TERM], [])).toHaveLength(20_000);
});

test("demands go to the parts of the text that they are in", () => {
  const sentences = new Sentences(
    { text: "B a. B\nA a a", spans: [] },
    { languages: LANGUAGES, terms: [TERM], encode: (written) => written },
  ).sentences;
  expect(sentences.map(({ text, demands }) => [text, ...demands.map(({ start }) => start)])).toEqual([
    ["B a.", 2],
    ["B"],
    ["A a a", 0, 2, 4],
  ]);
});
