import { expect, test } from "vitest";
import { plainMarks } from "./plain-marks.js";
import type { TextCodec } from "./serving-model.js";

/** A tokenizer of characters, with bytes for those that it does not list. */
function codecOf(characters: string): TextCodec {
  const pieces = [...characters];
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  return {
    encode: (text) => [...text].map((character) => ids.get(character) ?? pieces.length),
    piece: (id) => pieces[id] ?? "<0xE2>",
    decode: () => "",
    streamDecoder: () => ({ push: () => "", end: () => "" }),
  };
}

const KEYBOARD = "abcdefghijklmnopqrstuvwxyzI '\",.-\t";

test("marks without a piece are read as those of a keyboard", () => {
  const read = (text: string) => plainMarks(text, codecOf(KEYBOARD));
  expect(read("I don’t know. I´m here.")).toBe("I don't know. I'm here.");
  expect(read("“yes”, «no» and ‘so’")).toBe('"yes", "no" and \'so\'');
  expect(read("I came — I saw—and I left – so")).toBe("I came, I saw, and I left, so");
  expect(read("— yes —")).toBe(" yes ");
  expect(read("x–y, a non‑breaking hyphen")).toBe("x-y, a non-breaking hyphen");
  expect(read("co\u00adop\u200berate\ufeff\u0000 with\tme")).toBe("cooperate with\tme");
});

test("those with a piece stay", () => {
  const text = "I don’t — “know”\u200d – so";
  expect(plainMarks(text, codecOf(`${KEYBOARD}’—“”–\u200d`))).toBe(text);
});
