import { describe, expect, it } from "vitest";
import { englishAsWritten, japaneseAsWritten, learnCasing } from "./as-written.js";

const casing = learnCasing([
  "The man said that I know Tom's Japan.",
  "In May he may come; it may rain.",
  "Well, she's here.",
]);

describe("text as people write it", () => {
  it.each([
    ["i can 't tell who will arrive first .", "I can't tell who will arrive first."],
    ["i 'm in japan .", "I'm in Japan."],
    ["he may come at two o 'clock , may he ?", "He may come at two o'clock, may he?"],
    ["he said : '' i do n't know . ''", 'He said: "I don\'t know."'],
    ["she said , '' you may . ''", 'She said, "You may."'],
    ["it costs $ 10,000 ( today ) !", "It costs $10,000 (today)!"],
  ])("%s", (tokens, written) => {
    expect(englishAsWritten(tokens, casing)).toBe(written);
  });

  it("learns capitals inside sentences only", () => {
    expect(casing.get("the")).toBeUndefined();
    expect(casing.get("may")).toBe("may");
    expect(casing.get("i")).toBe("I");
  });

  it("joins Japanese, not Latin words", () => {
    expect(japaneseAsWritten("私 は New York に い る 。")).toBe("私はNew Yorkにいる。");
  });
});
