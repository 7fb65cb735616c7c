import { describe, expect, it } from "vitest";
import type { Term } from "../terms/term.js";
import { withFigures } from "./figures.js";
import type { InlineText, Span } from "./span.js";

const french = { source: "en", target: "fr" };
const asIs = (text: string) => text;
const plain = (text: string): InlineText => ({ text, spans: [] });
const figuresOf = (text: string, languages = french, terms: readonly Term[] = []) =>
  withFigures(plain(text), { languages, terms, encode: asIs });
const writtenOf = ({ spans }: InlineText) => spans.map(({ instead }) => instead!.text);

describe("figures", () => {
  it.each([
    ["The budget for 2027 and 12.", ["2027", "12"]],
    ["He has 2 dogs, 3 cats: 5.", []],
    ["3,000 or 1,234,567.5 but 3.14 and 1.234,56", ["3\u202f000", "1\u202f234\u202f567,5", "3.14", "1.234,56"]],
    ["At 10:30, at 9 a.m. or 10:30 p.m. now", ["10:30", "9\u00a0h", "22\u00a0h\u00a030"]],
    ["12 am, 12:05PM, 13 p.m.", ["0\u00a0h", "12\u00a0h\u00a005", "13 p.m"]],
    ["On 12/05/2026, 2024-03-15: 2.0.1", ["12/05/2026", "2024-03-15", "2.0.1"]],
    [
      "+1 (555) 123-4567, +33 1 23 45 67 89, 01 23 45 67 89",
      ["+1 (555) 123-4567", "+33 1 23 45 67 89", "01 23 45 67 89"],
    ],
    ["AF1234, 221B, COVID-19 and B12 (MP3, H2O)", ["AF1234", "221B", "COVID-19", "B12"]],
    ["R&D, TCP/IP and AT&T, a&b, Yes/No", ["R&D", "TCP/IP", "AT&T"]],
    ["1914–1918, 3-2, -40 and mid-1980s, 21st, 16-year-old", ["1914–1918", "3-2", "-40", "1980", "21", "16"]],
    [
      "3 million, 1.5 billion, 45 thousand, 1-2 million",
      ["3\u202f000\u202f000", "1\u202f500\u202f000\u202f000", "45\u202f000"],
    ],
  ])("of %s", (text, expected) => {
    expect(writtenOf(figuresOf(text))).toEqual(expected);
  });

  it.each([
    ["委員会は２０２７年の３，０００円を", ["2027", "3,000"]],
    ["午前10時30分、１０時半、10時", ["10:30 am", "10:30", "10"]],
    ["午後０時５分、午後3時半", ["12:05 pm", "3:30 pm"]],
    ["2026年12月15日と12か月", ["2026", "15", "12"]],
    ["3万人、1億2000万人、3千万、2千5百人", ["30,000", "120,000,000", "30,000,000"]],
  ])("of %s, in English", (text, expected) => {
    expect(writtenOf(figuresOf(text, { source: "ja", target: "en" }))).toEqual(expected);
  });

  it("have numbers in their place that a model knows, and that are not in the text; known ones stay", () => {
    expect(figuresOf("2027, 345, 1980, 9:05, 45, 30 and 12").text).toBe("1990, 20, 1980, 2:30, 50, 30 and 12");
    expect(figuresOf("Her 21st flight is AF1234").text).toBe("Her 30th flight is Tom");
    expect(figuresOf("9時05分に", { source: "ja", target: "en" }).text).toBe("2時30分に");
  });

  it("leave placeholders, and what holds a term or a tag", () => {
    const term: Term = {
      ...{ source: "Windows 95", target: "Fenêtres 95", sourceForms: [], targetForms: [] },
      ...{ case: "match", inflection: "listed" },
    };
    expect(writtenOf(figuresOf("Windows 95 and 96", french, [term]))).toEqual(["96"]);
    const tag = (start: number, end: number, children: Span[] = []): Span => {
      return { start, end, before: "<b>", after: "</b>", children };
    };
    const kept: Span = {
      start: 9,
      end: 13,
      before: "",
      after: "",
      children: [],
      instead: { text: "{x}", standIn: { forms: ["Tom"], foreign: true } },
    };
    const inline = { text: "2027 20271999 345 67", spans: [tag(0, 4), tag(7, 9), kept, tag(13, 20, [tag(14, 17)])] };
    const { text, spans } = withFigures(inline, { languages: french, terms: [], encode: asIs });
    expect(text).toBe("1990 20271999 30 20");
    const shape = ({ start, end, children, instead }: Span): unknown => [
      start,
      end,
      instead?.text,
      children.map(shape),
    ];
    expect(spans.map(shape)).toEqual([
      [0, 4, undefined, [[0, 4, "2027", []]]],
      [7, 9, undefined, []],
      [9, 13, "{x}", []],
      [
        13,
        19,
        undefined,
        [
          [14, 16, undefined, [[14, 16, "345", []]]],
          [17, 19, "67", []],
        ],
      ],
    ]);
  });

  it("take no longer than their text is long", () => {
    const parts = [
      "1",
      "1 ",
      "1.",
      "11 ",
      "111 ",
      "1-",
      "1:1",
      "+1 ",
      "(1) ",
      "a1",
      "A-1",
      "1万",
      "1 million ",
      "1時",
      "A11-",
      ...["a.", "a_", "/a", "aB", "Ctrl+", "`", "` ", "--a", "#a", "C:\\a", ".a", "v1.", "x.pdf", "-a "],
    ];
    for (const source of ["en", "ja"]) {
      for (const part of parts) figuresOf(part.repeat(10_000 / part.length), { source, target: "fr" });
    }
  });
});

describe("code", () => {
  it.each([
    ["Run `npm i -g x` or `ls`.", ["`npm i -g x`", "`ls`"]],
    ["Open report_final.pdf, a-b.tar.gz or Node.js.", ["report_final.pdf", "a-b.tar.gz", "Node.js"]],
    ["See docs/guide.md and your .bashrc.", ["docs/guide.md", ".bashrc"]],
    ["In /usr/local/bin, ~/notes or ../a/b.", ["/usr/local/bin", "~/notes", "../a/b"]],
    ["In C:\\Users\\Zoë.", ["C:\\Users\\Zoë"]],
    ["user_id is MAX_SIZE; getUserName() or isEmpty", ["user_id", "MAX_SIZE", "getUserName()", "isEmpty"]],
    ["Press Ctrl+C, Ctrl + Alt + Delete or Cmd-Q", ["Ctrl+C", "Ctrl + Alt + Delete", "Cmd-Q"]],
    ["C++, C# and .NET", ["C++", "C#", ".NET"]],
    ["Order #48213 by #MachineLearning and @carousel_mt.", ["#48213", "#MachineLearning", "@carousel_mt"]],
    ["Use --save, -v and --model=x.onnx.", ["--save", "-v", "--model=x.onnx"]],
    ["ISO 9001 and RFC 2119, v2 and v2.1.0", ["ISO 9001", "RFC 2119", "v2", "v2.1.0"]],
    ["ファイルreport.pdfを/usr/binから#12で", ["report.pdf", "/usr/bin", "#12で"]],
  ])("of %s", (text, expected) => {
    expect(writtenOf(figuresOf(text))).toEqual(expected);
  });

  it("is no word of people", () => {
    const text =
      "He/she and/or I — well -- do it. An iPhone, YouTube, McDonald; no.1 e.g. I ___ you. Shift-work: a + b, Tom's - no. Meet @ home. He left.She came.";
    expect(figuresOf(text).spans).toEqual([]);
  });

  it("is a term's where the term has all of it", () => {
    const term = (source: string): Term => ({
      ...{ source, target: "cible", sourceForms: [], targetForms: [] },
      ...{ case: "any", inflection: "listed" },
    });
    expect(figuresOf("I write C#.", french, [term("C#")]).spans).toEqual([]);
    expect(figuresOf("Open the report.pdf file.", french, [term("report"), term("pdf file")]).spans).toEqual([]);
    expect(writtenOf(figuresOf("Open report.pdf.", french, [term("report")]))).toEqual(["report.pdf"]);
  });

  it("is written as its document wants it", () => {
    const encode = (text: string) => text.replaceAll("&", "&amp;");
    expect(writtenOf(withFigures(plain("In R&D"), { languages: french, terms: [], encode }))).toEqual(["R&amp;D"]);
  });
});
