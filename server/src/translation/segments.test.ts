import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LONGEST_SEGMENT, reassemble, segmentText } from "./segments.js";

const segmentsOf = (text: string, language = "en") =>
  segmentText(text, language)
    .parts.filter((p) => p.kind === "segment")
    .map((p) => p.text);

describe("segmentText", () => {
  it("cuts English into sentences and keeps what stands between", () => {
    expect(segmentsOf("Hello. How are you?  Fine!\n\n  Bye.")).toEqual(["Hello.", "How are you?", "Fine!", "Bye."]);
  });

  it("cuts Japanese into sentences", () => {
    expect(segmentsOf("私は学生です。これは本です。", "ja")).toEqual(["私は学生です。", "これは本です。"]);
  });

  it("cuts an over-long sentence behind its clauses", () => {
    const clause = "いろいろなことがあったけれども、";
    const pieces = segmentsOf(clause.repeat(30), "ja");
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.every((p) => p.length <= LONGEST_SEGMENT && p.endsWith("、"))).toBe(true);
  });

  it("loses no character of any text", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "。", ".", " ", "\n", "\t", "、", "😀", "か", "!", "\u3000"),
      maxLength: 600,
    });
    fc.assert(
      fc.property(text, fc.constantFrom("ja", "en"), (t, language) => {
        const { parts } = segmentText(t, language);
        expect(parts.map((p) => p.text).join("")).toBe(t);
        expect(parts.every((p) => p.text.length <= LONGEST_SEGMENT || p.kind === "separator")).toBe(true);
      }),
    );
  });
});

describe("reassemble", () => {
  it("puts line breaks and spaces back", () => {
    const segmented = segmentText("One.  Two.\n\n\tThree.", "en");
    expect(reassemble(segmented, ["1", "2", "3"], "ja")).toBe("1  2\n\n\t3");
  });

  it("puts spaces between sentences where only the target language has them", () => {
    const segmented = segmentText("私は学生です。これは本です。", "ja");
    expect(reassemble(segmented, ["I.", "It."], "en")).toBe("I. It.");
    expect(reassemble(segmented, ["我。", "它。"], "zh")).toBe("我。它。");
  });
});
