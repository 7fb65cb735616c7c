import { byLanguage, primaryLanguage } from "../languages.js";
import { endsInAbbreviation } from "./abbreviations.js";
import { apartFromOrnaments } from "./ornaments.js";
import { isUtterance, quotationsIn } from "./quotations.js";

/**
 * A segment is translated, a separator stays. Marks of quotations that are sentences by themselves, and a comma or colon at the
 * end of what introduces one or a list, are written as the target language has them.
 */
export type PartKind = "segment" | "separator" | "opening" | "closing" | "pause";

export interface TextPart {
  readonly kind: PartKind;
  readonly text: string;
}

/** A text cut up: what is translated, and what stands between. Joined in order they are the text. */
export interface SegmentedText {
  readonly parts: readonly TextPart[];
  /** Sentences that were too long for one segment. */
  readonly splitSentences: number;
}

/** Longer sentences are cut into clauses. In characters; a tokenizer makes at most about one token of each, where it knows the script. */
export const LONGEST_SEGMENT = 180;

/**
 * How long a segment may be that has no more than so many tokens, unless normalization makes more of its characters: of a
 * UTF-16 unit at most three bytes, of a byte one token.
 */
export function surelyFits(tokens: number): number {
  const ends = 2; // a space in front, eos behind
  return Math.max(1, Math.floor((tokens - ends) / 3));
}

/** Marks that end a clause. */
const CLAUSE_END = /[、，,;；:：—–)）」』】\]]/u;

export interface Cutting {
  /** How long a segment of a sentence may be; LONGEST_SEGMENT when absent. */
  readonly longest?: (sentence: string) => number;
  /** Stretches of the text, none over a line break, in which it is not cut, unless they are too long: terms such as "Yahoo! News". */
  readonly whole?: readonly { readonly start: number; readonly end: number }[];
  /** Whether those that are sentences of their own are; when absent, they are. */
  readonly quotations?: "apart" | "within";
}

/** Whether a text may be cut at that character. */
export type MayCut = (at: number) => boolean;

/**
 * Cuts a text into sentences by Unicode's rules, but not behind abbreviations that go on, and a sentence that is too long into clauses, at spaces, or where it must.
 * White space at the ends of sentences, line breaks, what begins an item of a list, and emphasis around a line are separators and survive as they are; emoji
 * and the like are segments of their own.
 */
export function segmentText(
  text: string,
  language: string,
  { longest = () => LONGEST_SEGMENT, whole = [], quotations = "apart" }: Cutting = {},
): SegmentedText {
  const inside = new Uint8Array(text.length);
  for (const { start, end } of whole) inside.fill(1, start + 1, end);
  const mayCut: MayCut = (at) => inside[at] !== 1;
  const lines = text.split(primaryLanguage(language) === "de" ? BETWEEN_LINES_DE : BETWEEN_LINES);
  const sentences = placed(lines, (line) => line).flatMap(({ item: line, at }, k) => {
    if (k % 2 === 1) return [separator(line)];
    const [, before = "", , body = line, after = ""] = EMPHASIZED.exec(line) ?? [];
    const from = at + before.length;
    const stretches = placed(
      apartFromOrnaments(body, (cut) => mayCut(from + cut)),
      (stretch) => stretch,
    );
    const within = stretches.flatMap(({ item, at: start }) =>
      quotedParts(item, { language, quotations, mayCut: (end) => mayCut(from + start + end) }),
    );
    return [separator(before), ...within, separator(after)];
  });
  const parts = placed(sentences, (part) => part.text).map(({ item: part, at }) => {
    if (part.kind !== "segment") return [part];
    return shorten(part.text, longest(part.text), (cut) => mayCut(at + cut)).flatMap(trimmed);
  });
  const splitSentences = parts.filter((ofSentence) => ofSentence.length > 1).length;
  return { parts: parts.flat().filter((p) => p.text !== ""), splitSentences };
}

/** A line that is emphasized as a whole, as in Markdown. */
const EMPHASIZED = /^(\s*([*_~`]{1,3}))([^*_~`]+)(\2\s*)$/u;
/** Line breaks, and what begins an item of a list: -, *, 2), (a), 1. */
const BETWEEN_LINES = betweenLines(String.raw`|\d{1,3}\.`);
/** In German that is an ordinal: 3. Oktober. */
const BETWEEN_LINES_DE = betweenLines("");

function betweenLines(numbered: string): RegExp {
  const mark = String.raw`[-*+#>–—•·]{1,6}|[(（]?(?:\d{1,3}|\p{L}|[ivx]{2,5})[)）]${numbered}`;
  return new RegExp(String.raw`((?:^|[^\S\n]*\n)\s*(?:(?:${mark})[^\S\n]+|・)+|[^\S\n]*\n\s*)`, "u");
}

/** Items whose texts are one behind the other, with where each begins. */
function placed<T>(items: readonly T[], textOf: (item: T) => string): { item: T; at: number }[] {
  let end = 0;
  return items.map((item) => {
    const at = end;
    end += textOf(item).length;
    return { item, at };
  });
}

/** What may end a sentence, with something behind it; the points of ellipses and decimals among it. */
const MAY_END = /[\p{Sentence_Terminal}.\u2024\ufe52\uff0e\r\u0085\u2028\u2029]./su;

function sentencesOf(line: string, language: string, mayCut: MayCut): string[] {
  if (!MAY_END.test(line)) return line === "" ? [] : [line]; // most texts are one sentence
  const sentences: string[] = [];
  let begun = "";
  for (const { segment, index } of segmenterOf(language).segment(line)) {
    begun += segment;
    const end = index + segment.length;
    if (end < line.length && (!mayCut(end) || endsInAbbreviation(begun, language))) continue;
    sentences.push(begun);
    begun = "";
  }
  return sentences;
}

const ENDS_IN_COMMA = /[,，、]$/;
/** Behind what introduces something. */
const COLON = /(?<=[\p{L}\p{M}"”»」』)\]])\s?(?:[:：](?=\s|$)|：)/gu;

interface Quoting {
  readonly language: string;
  readonly quotations: "apart" | "within";
  readonly mayCut: MayCut;
}

/** The sentences of a line, those in quotation marks apart from those around them. Other quotations are not cut. */
function quotedParts(line: string, { language, quotations, mayCut }: Quoting): TextPart[] {
  const all = quotations === "apart" ? quotationsIn(line) : [];
  const apart = new Set(
    all.filter(
      (quotation) =>
        isUtterance(line, quotation) && [quotation.start, quotation.from, quotation.to, quotation.end].every(mayCut),
    ),
  );
  const words = all.filter((quotation) => !apart.has(quotation));
  const inWords = new Uint8Array(line.length + 1);
  for (const { from, to, end } of words) {
    const goesOn = /^\s?[\p{Ll}\p{Lo}]/u.test(line.slice(end, end + 2));
    inWords.fill(1, from, goesOn ? end + 2 : to + 1);
  }
  const sentences = (start: number, end: number) => {
    const may: MayCut = (at) => mayCut(start + at) && inWords[start + at] !== 1;
    return placed(sentencesOf(line.slice(start, end), language, may), (sentence) => sentence).flatMap(
      ({ item: sentence, at }) => introduced(sentence, (cut) => may(at + cut)),
    );
  };
  let done = 0;
  const parts = [...apart].flatMap(({ start, end, from, to }): TextPart[] => {
    const before = paused(sentences(done, start));
    const comma = ENDS_IN_COMMA.test(line.slice(from, to)) ? 1 : 0;
    const behind = /^(?:[,，、]|と、?)/.exec(line.slice(end))?.[0].length ?? 0;
    done = end + behind;
    const [opening, closing] = [line.slice(start, from), line.slice(to - comma, done)];
    const said = sentences(from, to - comma);
    return [...before, { kind: "opening", text: opening }, ...said, { kind: "closing", text: closing }];
  });
  return [...parts, ...sentences(done, line.length)];
}

/** To make a segmenter takes longer than to cut a sentence with it. */
const segmenterOf = byLanguage((language) => new Intl.Segmenter(language, { granularity: "sentence" }));

function separator(text: string) {
  return { kind: "separator" as const, text };
}

function trimmed(text: string): TextPart[] {
  const start = text.length - text.trimStart().length;
  const body = text.trim();
  const [before, after] = [text.slice(0, start), text.slice(start + body.length)];
  return [separator(before), { kind: "segment" as const, text: body }, separator(after)].filter((p) => p.text !== "");
}

/** A sentence whose colons are apart, and what they introduce: Note: it is closed. */
function introduced(sentence: string, mayCut: MayCut): TextPart[] {
  let done = 0;
  const parts = [...sentence.matchAll(COLON)].flatMap(({ 0: mark, index }): TextPart[] => {
    if (!mayCut(index) || !mayCut(index + mark.length)) return [];
    const before = trimmed(sentence.slice(done, index));
    done = index + mark.length;
    return [...before, { kind: "pause", text: mark }];
  });
  return [...parts, ...trimmed(sentence.slice(done))];
}

/** The comma in front of what is said is apart from who says it. */
function paused(parts: readonly TextPart[]): TextPart[] {
  const last = parts.findLastIndex(({ kind }) => kind === "segment");
  return parts.flatMap((part, k): TextPart[] => {
    const { index: at } = (k === last && ENDS_IN_COMMA.exec(part.text)) || { index: 0 };
    if (at === 0) return [part];
    return [
      { kind: "segment", text: part.text.slice(0, at) },
      { kind: "pause", text: part.text.slice(at) },
    ];
  });
}

function shorten(sentence: string, longest: number, mayCut: MayCut): string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > longest) {
    const before = sentence.length - rest.length;
    const at = cutPoint(rest, longest, (cut) => mayCut(before + cut));
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...pieces, rest];
}

/** Behind the last clause within reach, else at the last space, else between two characters. */
function cutPoint(text: string, longest: number, mayCut: MayCut): number {
  const last = (isPlace: (at: number) => boolean) => {
    for (let at = longest; at > longest / 4; at--) if (isPlace(at)) return at;
    return undefined;
  };
  const isInPair = (at: number) => /[\uD800-\uDBFF]/.test(text[at - 1]!);
  return (
    last((at) => CLAUSE_END.test(text[at - 1]!) && mayCut(at)) ??
    last((at) => /\s/u.test(text[at - 1]!) && mayCut(at)) ??
    last((at) => !isInPair(at) && mayCut(at)) ??
    (isInPair(longest) ? longest - 1 : longest)
  );
}
