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

const KEYBOARD = "abcdefghijklmnopqrstuvwxyzI0123456789 '\",.-!\t";
const read = (text: string) => plainMarks(text, codecOf(KEYBOARD), "en");

test("marks without a piece are read as those of a keyboard", () => {
  expect(read("I don’t know.")).toBe("I don't know.");
  expect(read("“yes”, «no» and ‘so’")).toBe('"yes", "no" and \'so\'');
  expect(read("x–y, a non‑breaking hyphen")).toBe("x-y, a non-breaking hyphen");
  expect(read("co\u00adop\u200berate\ufeff\u0000 with\tme")).toBe("cooperate with\tme");
});

test("what sets parts of a sentence apart is read as a comma", () => {
  expect(read("I came — I saw—and I left – so")).toBe("I came, I saw, and I left, so");
  expect(read("I came - I saw -- I left--so | there; well: ok")).toBe("I came, I saw, I left, so, there, well, ok");
  expect(read("a (very small) dog (a cat).")).toBe("a, very small, dog, a cat.");
  expect(read("(a dog.)")).toBe("a dog.");
  expect(read("notes (short):")).toBe("notes, short");
  expect(read("— yes! — no —")).toBe("yes! no");
  expect(read("dog(s), e-mail -5 at 10:30")).toBe("dog(s), e-mail -5 at 10:30");
});

test("& and / between words are read out", () => {
  expect(read("cats & dogs&birds, tea/coffee and/or milk")).toBe("cats and dogs and birds, tea or coffee or milk");
  expect(plainMarks("猫＆犬/鳥", codecOf("猫犬鳥とか"), "ja")).toBe("猫と犬か鳥");
  expect(read("1/2 & /a")).toBe("1/2 & /a");
});

test("ordinals of one digit are read out in English", () => {
  expect(read("the 2nd dog, 1st and 9th")).toBe("the second dog, first and ninth");
  expect(read("the 22nd, 1.5th, 3things, 7 th")).toBe("the 22nd, 1.5th, 3things, 7 th");
  expect(plainMarks("2nd", codecOf("2nd"), "fr")).toBe("2nd");
});

test("emphasis goes", () => {
  expect(read("**no**, I _do_ `so` #now")).toBe("no, I do so now");
  expect(read("**note:** no")).toBe("note, no");
  expect(read("2 * 3 x_y")).toBe("2 * 3 x_y");
});

test("marks with a piece stay", () => {
  const text = "I don’t — “know”\u200d – so (a **dog**): b; c - d & e/f";
  expect(plainMarks(text, codecOf(`${KEYBOARD}’—“”–\u200d()*:;&/`), "en")).toBe(text);
});
