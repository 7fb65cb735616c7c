import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apartFromOrnaments } from "./ornaments.js";
import { reassemble } from "./reassemble.js";
import { LONGEST_SEGMENT, segmentText, surelyFits } from "./segments.js";

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

  it("cuts in no stretch that is to be whole, unless it is too long", () => {
    const cut = (text: string, whole: string, language = "en") => {
      const start = text.indexOf(whole);
      const { parts } = segmentText(text, language, { whole: [{ start, end: start + whole.length }] });
      return parts.filter((p) => p.kind === "segment").map((p) => p.text);
    };
    expect(cut("I read Yahoo! News. He left.", "Yahoo! News")).toEqual(["I read Yahoo! News.", "He left."]);
    expect(cut("One.\nI read Yahoo! News.", "Yahoo! News")).toEqual(["One.", "I read Yahoo! News."]);
    const [before, behind] = ["word ".repeat(34), "ever, ".repeat(20)];
    expect(cut(`${before}New York City, ${behind}`, "New York City")[1]).toMatch(/^New York City, /);
    expect(cut("a".repeat(400), "a".repeat(400)).map((p) => p.length)).toEqual([180, 180, 40]);
  });

  it("cuts behind no title, initial or other abbreviation that goes on", () => {
    for (const [language, sentences] of Object.entries({
      en: [
        "Mr. Smith met Dr. No.",
        "U.S. President J. F. Kennedy came (cf. Fig. 3).",
        "Some, e.g. Apples, went.",
        "It was I.",
        "No.",
        "Was it Mr. X?",
        "Vitamin.",
        "Yes.",
      ],
      "fr-FR": ["M. Dupont et le Dr. Martin sont là.", "Voir fig. 3.", "Oui."],
      de: ["Am 3. Oktober kam Prof. Müller.", "Etwas, z. B. Brot.", "Ja."],
      ja: ["彼はA.スミスです。", "はい。"],
    })) {
      expect(segmentsOf(sentences.join(language === "ja" ? "" : " "), language)).toEqual(sentences);
    }
  });

  it("keeps what begins an item of a list", () => {
    const text = "Shopping:\n- apples\n  * > green apples\n2) Buy milk\n(a) a pint\n10. Go home - now";
    const items = ["Shopping", "apples", "green apples", "Buy milk", "a pint", "Go home - now"];
    expect(segmentsOf(text)).toEqual(items);
    expect(segmentsOf("— Bonjour !", "fr")).toEqual(["Bonjour !"]);
    expect(segmentsOf("・りんご", "ja")).toEqual(["りんご"]);
    expect(segmentsOf("3. Oktober\n3) Oktober", "de")).toEqual(["3. Oktober", "Oktober"]);
    expect(segmentsOf("-5 degrees\n#1\na-b\nA. Smith")).toEqual(["-5 degrees", "#1", "a-b", "A. Smith"]);
  });

  it("cuts at colons that introduce something, but in what is to be whole", () => {
    expect(segmentsOf("Note: it is 10:30. He bought two things: a, b.\nSo:")).toEqual([
      "Note",
      "it is 10:30.",
      "He bought two things",
      "a, b.",
      "So",
    ]);
    expect(segmentsOf("名前：トム", "ja")).toEqual(["名前", "トム"]);
    expect(segmentsOf("https://a.b :) 5: c")).toEqual(["https://a.b :) 5: c"]);
    const { parts } = segmentText("Star Wars: Rogue", "en", { whole: [{ start: 0, end: 16 }] });
    expect(parts).toEqual([{ kind: "segment", text: "Star Wars: Rogue" }]);
  });

  it("keeps emphasis around a line", () => {
    const { parts } = segmentText("**Hello. Yes**\n- _So_ \n*a* b*", "en");
    expect(parts.map((p) => p.text)).toEqual([
      "**",
      "Hello.",
      " ",
      "Yes",
      "**",
      "\n- ",
      "_",
      "So",
      "_",
      " \n",
      "*a* b*",
    ]);
    expect(segmentsOf("**Hello. Yes**\n- _So_ \n*a* b*")).toEqual(["Hello.", "Yes", "So", "*a* b*"]);
  });

  it("sets emoji and other ornaments apart, but in what is to be whole", () => {
    expect(segmentsOf("I love you 😀❤️ 👩‍👩‍👧!")).toEqual(["I love you", "😀❤️ 👩‍👩‍👧", "!"]);
    expect(segmentsOf("🇫🇷 → Bread ★ 1️⃣ one")).toEqual(["🇫🇷 →", "Bread", "★ 1️⃣", "one"]);
    expect(segmentsOf("今日は☀️です", "ja")).toEqual(["今日は", "☀️", "です"]);
    expect(segmentsOf("Windows™ at 5° © Tom #1 *2")).toEqual(["Windows™ at 5° © Tom #1 *2"]);
    const { parts } = segmentText("I ♥ NY ♥", "en", { whole: [{ start: 0, end: 6 }] });
    expect(parts.map((p) => p.text)).toEqual(["I ♥ NY", " ", "♥"]);
  });

  it("loses no character of any text", () => {
    const text = fc.string({
      unit: fc.constantFrom(
        "a",
        "。",
        ".",
        " ",
        "\n",
        "\t",
        "、",
        "😀",
        "か",
        "!",
        "\u3000",
        "- ",
        "1",
        ")",
        "・",
        ":",
        ",",
        '"',
        "「",
        "」",
        "と",
      ),
      maxLength: 600,
    });
    fc.assert(
      fc.property(text, fc.constantFrom("ja", "en"), (t, language) => {
        const { parts } = segmentText(t, language);
        expect(parts.map((p) => p.text).join("")).toBe(t);
        expect(parts.every((p) => p.text.length <= LONGEST_SEGMENT || p.kind !== "segment")).toBe(true);
      }),
    );
  });
});

describe("reassemble", () => {
  const translated = (text: string, { source, target }: { source: string; target: string }, sentences: string[]) =>
    reassemble(
      segmentText(text, source).parts.map((p) => (p.kind === "segment" ? { ...p, text: sentences.shift()! } : p)),
      target,
    );

  it("puts line breaks and spaces back", () => {
    const languages = { source: "en", target: "ja" };
    expect(translated("One.  Two.\n\n\tThree.", languages, ["1", "2", "3"])).toBe("1  2\n\n\t3");
  });

  it("puts spaces between sentences where only the target language has them", () => {
    const text = "私は学生です。これは本です。";
    expect(translated(text, { source: "ja", target: "en" }, ["I.", "It."])).toBe("I. It.");
    expect(translated(text, { source: "ja", target: "zh" }, ["我。", "它。"])).toBe("我。它。");
  });
});

describe("a length that surely fits", () => {
  it("is one at which a token a byte is no more than asked for", () => {
    const tokens = (text: string) => new TextEncoder().encode(text).length + 2;
    for (const limit of [5, 40, 256]) {
      const longest = surelyFits(limit);
      for (const character of ["a", "é", "は", "😂"]) {
        const text = character.repeat(longest / character.length);
        expect(tokens(text)).toBeLessThanOrEqual(limit);
      }
    }
  });

  it("are looked for wherever Unicode's rules end one, whatever the character", () => {
    const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
    const cutOtherwise: string[] = [];
    for (let code = 1; code < 0x12000; code++) {
      const text = `Abc${String.fromCodePoint(code)} Def`;
      if (apartFromOrnaments(text, () => true).length > 1) continue;
      const byUnicode = [...segmenter.segment(text)].length;
      const found = segmentText(text, "en").parts.filter(({ kind }) => kind === "segment").length;
      if (found !== byUnicode) cutOtherwise.push(code.toString(16));
    }
    expect(cutOtherwise).toEqual(["3a", "ff1a"]); // colons
  });
});
