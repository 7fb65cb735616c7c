import { describe, expect, it } from "vitest";
import { languageName } from "./language.js";
import { wordsInReference } from "./words-in-reference.js";

const shared = (text: string, reference: string, language: string) =>
  wordsInReference(text, reference, language).flatMap((s) => (s.shared === "shared" ? [s.text] : []));

describe("words that the reference has too", () => {
  it("count as often as they are in it, whatever their case", () => {
    expect(shared("The cat saw the cat.", "the cat sleeps", "en")).toEqual(["The", "cat"]);
  });

  it("are found where words are written without spaces", () => {
    expect(shared("私は猫が好きです", "彼は猫が嫌いです", "ja")).toContain("猫");
  });

  it("are found in a language whose tag Intl cannot read", () => {
    expect(shared("AH0 K", "K AH0", "abcd")).toEqual(["AH0", "K"]);
    expect(languageName("abcd")).toBe("abcd");
    expect(languageName("pt-br")).toBe("Brazilian Portuguese");
  });

  it("leave the text as it is when put together", () => {
    const text = "a  b, c\n<d> 👩‍👩‍👧";
    expect(
      wordsInReference(text, "b", "en")
        .map((s) => s.text)
        .join(""),
    ).toBe(text);
  });
});
