import { primaryLanguage } from "../languages.js";
import { endsInAbbreviation } from "./abbreviations.js";
import { apartFromOrnaments } from "./ornaments.js";

/** A text cut up: what is translated, and what stands between. Joined in order they are the text. */
export interface SegmentedText {
  readonly parts: readonly { readonly kind: "segment" | "separator"; readonly text: string }[];
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

/** To make a segmenter takes longer than to cut a sentence with it. */
const segmenters = new Map<string, Intl.Segmenter>();

/** Marks that end a clause. */
const CLAUSE_END = /[、，,;；:：—–)）」』】\]]/u;

export interface Cutting {
  /** How long a segment of a sentence may be; LONGEST_SEGMENT when absent. */
  readonly longest?: (sentence: string) => number;
  /** Stretches of the text, none over a line break, in which it is not cut, unless they are too long: terms such as "Yahoo! News". */
  readonly whole?: readonly { readonly start: number; readonly end: number }[];
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
  { longest = () => LONGEST_SEGMENT, whole = [] }: Cutting = {},
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
      sentencesOf(item, language, (end) => mayCut(from + start + end)).flatMap(trimmed),
    );
    return [separator(before), ...within, separator(after)];
  });
  const parts = placed(sentences, (part) => part.text).map(({ item: part, at }) => {
    if (part.kind === "separator") return [part];
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

/** Puts the parts together again, with what is written for each in the target language. */
export function reassemble(parts: SegmentedText["parts"], target: string): string {
  let text = "";
  let previous: "segment" | "separator" | undefined;
  for (const part of parts) {
    // a source without spaces between sentences may have a target that wants them
    if (part.kind === "segment" && previous === "segment" && !/^(ja|zh|th)\b/i.test(target) && text !== "") text += " ";
    text += part.text;
    previous = part.kind;
  }
  return text;
}

/** Languages are those of models, and so few. */
function segmenterOf(language: string): Intl.Segmenter {
  const known = segmenters.get(language);
  if (known) return known;
  const segmenter = new Intl.Segmenter(language, { granularity: "sentence" });
  segmenters.set(language, segmenter);
  return segmenter;
}

function separator(text: string) {
  return { kind: "separator" as const, text };
}

function trimmed(text: string) {
  const start = text.length - text.trimStart().length;
  const body = text.trim();
  const [before, after] = [text.slice(0, start), text.slice(start + body.length)];
  return [separator(before), { kind: "segment" as const, text: body }, separator(after)].filter((p) => p.text !== "");
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
