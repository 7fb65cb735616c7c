import type { Encode, InlineText, Span, StandIn } from "./span.js";

/** What makes a % a place for a value, as in C and Python. Bounded: a text of zeros would be tried in all its parts. */
const VALUE =
  "(?:\\d{1,3}\\$)?[-+0#]{0,5}\\d{0,5}(?:\\.\\d{1,5})?(?:l{1,2}|h{1,2}|z)?[sdifguxXeEc@](?![A-Za-z])|\\([A-Za-z_]\\w*\\)[sdif]";

/** Units that are symbols; words such as "hours" are translated. What stands behind a number may begin a place of its own: `1 %.2f`. */
const UNIT =
  `%(?!${VALUE})|` +
  "‰|°[CF]?|℃|℉|[kKMGTP]i?[Bb]|[kMGT]?Hz|[kMGm]?W|kWh|[kmcdµμn]?m[²³]?|km\\/h|m\\/s|[kmµμ]?g|[mcd]?[lL]|[mµμ]s|[kmM]?V|m?A|px|pt|fps|dpi";

const PAIR = "\\([^\\s<>\"'、。」）()]*\\)";
/** Of a URL: whatever is no space or quotation mark, parentheses in pairs, and no punctuation at the end. */
const PATH = `(?:[^\\s<>"'、。」）()]|${PAIR})*(?:[^\\s<>"'、。」）().,;:!?\\]}]|${PAIR})`;

/** What must come through letter for letter; the first that matches at a place is taken. */
const PLACEHOLDERS: readonly { readonly kind: "word" | "number"; readonly pattern: string }[] = [
  { kind: "word", pattern: `(?:https?|ftp|file):\\/\\/${PATH}|www\\.[\\w-]+(?:\\.[\\w-]+)+(?:\\/${PATH})?` },
  // looked for from where a word begins, and not from each of its letters
  { kind: "word", pattern: "(?<![\\w.+-])[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+" },
  { kind: "word", pattern: "\\{\\{[^{}\\n]*\\}\\}|[$#%]\\{[^{}\\n]*\\}|\\{[^{}\\n]*\\}" },
  { kind: "word", pattern: `%(?:${VALUE})` },
  { kind: "word", pattern: "<\\/?\\w+\\/?>" },
  {
    kind: "number",
    pattern: `[$€£¥]\\s?\\d+(?:[.,]\\d+)*|(?<![\\w.,])\\d+(?:[.,]\\d+)*\\s?(?:(?:${UNIT})(?![\\p{sc=Latn}\\p{Nd}])|[€£¥$](?![\\d{]))`,
  },
];

/** Every one of them has one of these; most sentences have none, and are not searched. */
const SIGN = /:\/\/|www\.|[@{%<\d]/;
const ANY = new RegExp(PLACEHOLDERS.map(({ pattern }) => `(${pattern})`).join("|"), "gu");

/** Names that every corpus knows, as languages write them; one that stands in the text already is not used. */
const NAMES: readonly Readonly<Record<string, string>>[] = [
  { ja: "トム", zh: "汤姆", ko: "톰", ru: "Том", en: "Tom" },
  { ja: "メアリー", zh: "玛丽", ko: "메리", ru: "Мэри", fr: "Marie", en: "Mary" },
  { ja: "ジョン", zh: "约翰", ko: "존", ru: "Джон", fr: "Jean", en: "John" },
  { ja: "ボブ", zh: "鲍勃", ko: "밥", ru: "Боб", en: "Bob" },
  { ja: "ケン", zh: "肯", ko: "켄", ru: "Кен", en: "Ken" },
  { ja: "ビル", zh: "比尔", ko: "빌", ru: "Билл", en: "Bill" },
];

/** BCP 47. */
export interface Languages {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds placeholders (`{name}`, `%1$s`, `<0>`), URLs, e-mail addresses and numbers with units. In the text that is translated
 * a name stands for each, and of a number with its unit the number: a model has seen these.
 */
export class Protector {
  private readonly names: Readonly<Record<string, string>>[];

  private readonly languages: Languages;
  private readonly encode: Encode;

  /** @param options.text all that is going to be protected: names that stand in it are not used */
  constructor({ text, languages, encode }: { text: string; languages: Languages; encode: Encode }) {
    this.languages = languages;
    this.encode = encode;
    this.names = NAMES.filter((name) => !Object.values(name).some((form) => text.includes(form)));
  }

  /** The next stretch of the text. */
  protect(text: string): InlineText {
    if (!SIGN.test(text)) return { text, spans: [] };
    const spans: Span[] = [];
    let protectedText = "";
    let from = 0;
    for (const match of text.matchAll(ANY)) {
      const { kind } = PLACEHOLDERS[match.slice(1).findIndex((group) => group !== undefined)]!;
      const { word, standIn } = kind === "number" ? number(match[0]) : this.name();
      protectedText += text.slice(from, match.index);
      spans.push(placeholder(protectedText.length, { word, instead: { text: this.encode(match[0]), standIn } }));
      protectedText += word;
      from = match.index + match[0].length;
    }
    return { text: protectedText + text.slice(from), spans };
  }

  /** Markup that is not looked into, as a word of the text. */
  opaque(markup: string): InlineText {
    const { word, standIn } = this.name();
    return { text: word, spans: [placeholder(0, { word, instead: { text: markup, standIn } })] };
  }

  /** The next name; when all are used up, the last one again. */
  private name(): { word: string; standIn: StandIn } {
    const name = (this.names.length > 1 ? this.names.shift() : this.names[0]) ?? NAMES[0]!;
    const inLanguage = (language: string) => name[language.split("-")[0]!.toLowerCase()] ?? name.en!;
    const word = inLanguage(this.languages.source);
    return {
      word,
      standIn: { forms: [...new Set([inLanguage(this.languages.target), name.en!, word])], foreign: true },
    };
  }
}

function placeholder(start: number, { word, instead }: { word: string; instead: Span["instead"] }): Span {
  return { start, end: start + word.length, before: "", after: "", children: [], instead };
}

function number(text: string): { word: string; standIn: StandIn } {
  const word = /\d+(?:[.,]\d+)*/.exec(text)![0];
  return { word, standIn: { forms: [text, word], foreign: false } };
}
