import type { Languages } from "../../languages.js";
import { spokenSentences } from "../quotations.js";
import { amountIn, inFigures, localized, scalesOf } from "./amounts.js";
import { KnownNames } from "./known-names.js";
import { formsOfNumber, KnownNumbers } from "./known-numbers.js";
import type { Encode, InlineText, Span, StandIn } from "./span.js";
import type { WordInstead } from "./unused-words.js";

/** Digits as ASCII and as Japanese text writes them. */
const DIGIT = "[0-9０-９]";
/** 1,234.5, and 1 234,5 as French writes it. */
const NUMBER =
  `(?:${DIGIT}{1,3}(?:[ \\u00a0\\u2009\\u202f]${DIGIT}{3}(?!${DIGIT})){1,5}(?:,${DIGIT}+)?` +
  `|${DIGIT}+(?:[.,．，]${DIGIT}+)*)`;
/** 5–10, 1/2, 10 × 20. */
const NUMBERS = `${NUMBER}(?:(?:\\s?[–—×x]\\s?|[-~〜～\\/⁄])${NUMBER}){0,3}`;
/** Where no word and no number stands before it. */
const SIGNED = "(?<![\\w.,])[-−－+＋±]?";

/** Units that are symbols; words such as "hours" are translated. */
const LETTERS =
  "(?:[kKMGTP]i?[Bb]|[kMG]bps|[kMGT]?Hz|[kMG]?Wh|[kMGm]?W|[hkM]?Pa|[kmcdµμn]?m[²³]?|[kmµμ]?g|[mcd]?[lL]|[mµμ]s|[kmM]?V|m?A|px|pt|fps|dpi)";
const UNIT_LETTERS = `${LETTERS}(?:\\/(?:${LETTERS}|s|h|min)[²³]?)?|${fullWidth(LETTERS)}|[\\u3371-\\u33df]`;

const CONVERSION = "(?:l{1,2}|h{1,2}|z)?[sdifguxXeEc]";
/** A value may have a unit. */
const VALUE_UNIT = `(?:${LETTERS}|s|h|min)(?![A-Za-z])`;
/** What makes a % a place for a value, as in C and Python. Bounded: a text of zeros would be tried in all its parts. */
const VALUE = [
  "(?:\\d{1,3}\\$)?@",
  `\\d{1,3}\\$[-+0#]{0,5}\\d{0,5}(?:\\.\\d{1,5})?${CONVERSION}`,
  `[-+0#]{0,5}\\d{0,5}\\.\\d{1,5}${CONVERSION}`,
  `[-+0#]{0,5}\\d{0,5}${CONVERSION}(?:(?![A-Za-z])|(?=${VALUE_UNIT}))`, // no other word: 100 %sure
  "\\([A-Za-z_]\\w*\\)[-+0#]{0,5}\\d{0,5}(?:\\.\\d{1,5})?[sdif]",
].join("|");

/** What stands behind a number may begin a place of its own: `1 %.2f`. */
const UNIT = `%%|[%％](?!${VALUE})|[‰℃℉]|°[CF]?|${UNIT_LETTERS}`;
const CURRENCY = "[$€£¥＄￥]";
/** 13.7 billion, of a sum. */
const SCALED = `(?<scaled>${NUMBER}[ \\u00a0-]?(?:${Object.keys(scalesOf("en")).join("|")})(?![\\p{L}\\p{Nd}]))`;

/** Of a URL: no space, quotation mark or bracket, nor what Japanese text goes on with behind it. */
const IN_URL =
  "(?:[^\\s<>\"'(){}\\[\\]\\p{sc=Hira}、。，．！？：；・…「」『』（）【】〔〕《》〈〉]|\\p{sc=Hira}(?=\\p{sc=Hira}{0,30}[./]\\w))";
const PAIR = "(?:\\([^\\s<>\"'()]*\\)|\\{{1,2}[^\\s<>\"'{}]*\\}{1,2}|\\[[^\\s<>\"'\\[\\]]*\\])";
/** Brackets in pairs, and no punctuation at the end. */
const PATH = `(?:${IN_URL}|${PAIR})*(?:(?![.,;:!?])${IN_URL}|${PAIR})`;

const TOP_LEVEL = "(?:com|org|net|edu|gov|io|dev|app|info|biz|eu|fr|jp|de|ch|nl|uk)";
/** example.com, which a path may follow. */
const DOMAIN = `(?<![\\w.@\\\\/-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\\.){1,5}${TOP_LEVEL}(?![\\w-])`;

/** Braces in braces, as ICU's messages have them: {count, plural, one {# item} other {# items}}. */
const BRACES = [1, 2, 3].reduce((inside) => `\\{(?:[^{}\\n]|${inside})*\\}`, "\\{[^{}\\n]*\\}");

/** What must come through letter for letter; the first that matches at a place is taken. */
const PLACEHOLDERS: readonly { readonly kind: "word" | "number"; readonly pattern: string }[] = [
  {
    kind: "word",
    pattern: `(?:https?|HTTPS?|ftp|FTP|file|FILE):\\/\\/${PATH}|(?:(?:www|WWW)\\.[\\w-]+(?:\\.[\\w-]+)+|${DOMAIN})(?:\\/${PATH})?`,
  },
  // looked for from where a word begins, and not from each of its letters
  { kind: "word", pattern: "(?<![\\w.+-])[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+" },
  { kind: "word", pattern: `[$#%]?${BRACES}` },
  { kind: "word", pattern: "(?<![\\d%])%[A-Za-z_][\\w.-]{0,63}%(?![\\w%])" },
  { kind: "word", pattern: `%(?:${VALUE})(?:${VALUE_UNIT}|%%)?` },
  { kind: "word", pattern: "<\\/?\\w+\\/?>" },
  {
    kind: "number",
    pattern:
      `(?:${SIGNED}(?<!\\w)(?:[A-Z]{1,3})?)?${CURRENCY}\\s?(?:${SCALED}|${NUMBER}(?:[kKMB](?![\\p{L}\\p{Nd}]))?)|` +
      `${SIGNED}(?<![\\w.,])${NUMBERS}\\s?(?:(?:${UNIT})(?![\\p{sc=Latn}\\p{Nd}])|${CURRENCY}(?![\\d{]))`,
  },
];

/** Every one of them has one of these; most sentences have none, and are not searched. */
const SIGN = /:\/\/|\w\.\w|[@{%<\d０-９]/;
const ANY = new RegExp(PLACEHOLDERS.map(({ pattern }) => `(${pattern})`).join("|"), "gu");
const EACH_NUMBER = new RegExp(NUMBER, "gu");

/**
 * Finds placeholders (`{name}`, `%1$s`, `<0>`), URLs, e-mail addresses and numbers with units. In the text that is translated
 * a name stands for each, and of a number with its unit the number: a model has seen these.
 */
export class Protector {
  private readonly names: KnownNames;
  private lastName: WordInstead | undefined;
  private readonly known: KnownNumbers;
  private readonly languages: Languages;
  private readonly encode: Encode;

  /** @param options.text all that is going to be protected: names that stand in it are not used */
  constructor({ text, languages, encode }: { text: string; languages: Languages; encode: Encode }) {
    this.languages = languages;
    this.encode = encode;
    this.known = new KnownNumbers(text);
    this.names = new KnownNames({ text, languages });
  }

  /** The next stretch of the text; what is said in it ends as sentences do. */
  protect(written: string): InlineText {
    const text = spokenSentences(written, this.languages.source);
    if (!SIGN.test(text)) return { text, spans: [] };
    const spans: Span[] = [];
    let protectedText = "";
    let from = 0;
    for (const match of text.matchAll(ANY)) {
      const { kind } = PLACEHOLDERS[match.slice(1).findIndex((group) => group !== undefined)]!;
      const { word, standIn } = kind === "number" ? this.number(match[0]) : this.name();
      const { scaled } = match.groups!;
      const kept = scaled === undefined ? match[0] : this.inFigures(match[0], scaled);
      protectedText += text.slice(from, match.index);
      spans.push(placeholder(protectedText.length, { word, instead: { text: this.encode(kept), standIn } }));
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

  /** Of several numbers the one before the unit stands for all, or one that is better known. */
  private number(text: string): { word: string; standIn: StandIn } {
    const written = text.match(EACH_NUMBER)!.at(-1)!;
    const number = written.normalize("NFKC").replaceAll(/\s/g, "");
    const word = this.known.for(number);
    const asWritten = word === number ? [text, written] : [];
    const forms = [...new Set([...asWritten, ...formsOfNumber(word, this.languages.target)])];
    return { word, standIn: { forms, foreign: word !== number, number } };
  }

  /** $13.7 billion as $13,700,000,000: a billion is another number in other languages. */
  private inFigures(text: string, scaled: string): string {
    const amount = amountIn(scaled.normalize("NFKC"), "en");
    if (Number.isNaN(amount)) return text;
    return text.slice(0, -scaled.length) + localized(inFigures(amount, this.languages.source), this.languages);
  }

  /** The next name; when all are used up, the last one again. */
  private name(): { word: string; standIn: StandIn } {
    this.lastName =
      this.names.next() ?? this.lastName ?? new KnownNames({ text: "", languages: this.languages }).next()!;
    const { word, forms } = this.lastName;
    return { word, standIn: { forms, foreign: true } };
  }
}

function placeholder(start: number, { word, instead }: { word: string; instead: Span["instead"] }): Span {
  return { start, end: start + word.length, before: "", after: "", children: [], instead };
}

/** The letters as Japanese text writes them. */
function fullWidth(pattern: string): string {
  return pattern.replaceAll(/[A-Za-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
}
