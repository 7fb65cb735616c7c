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

/**
 * Cuts a text into sentences by Unicode's rules, and a sentence that is too long into clauses, at spaces, or where it must.
 * White space at the ends of sentences, and line breaks, are separators and survive as they are.
 */
export function segmentText(
  text: string,
  language: string,
  longest: (sentence: string) => number = () => LONGEST_SEGMENT,
): SegmentedText {
  const segmenter = segmenterOf(language);
  const sentences = text
    .split(/([^\S\n]*\n\s*)/u)
    .flatMap((line, k) =>
      k % 2 === 1 ? [separator(line)] : [...segmenter.segment(line)].flatMap((s) => trimmed(s.segment)),
    )
    .map((part) => (part.kind === "segment" ? shorten(part.text, longest(part.text)).flatMap(trimmed) : [part]));
  const splitSentences = sentences.filter((parts) => parts.length > 1).length;
  return { parts: sentences.flat().filter((p) => p.text !== ""), splitSentences };
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

function shorten(sentence: string, longest: number): string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > longest) {
    const at = cutPoint(rest, longest);
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...pieces, rest];
}

/** Behind the last clause within reach, else at the last space, else between two characters. */
function cutPoint(text: string, longest: number): number {
  for (let at = longest; at > longest / 4; at--) if (CLAUSE_END.test(text[at - 1]!)) return at;
  for (let at = longest; at > longest / 4; at--) if (/\s/u.test(text[at - 1]!)) return at;
  // not inside a surrogate pair
  return /[\uD800-\uDBFF]/.test(text[longest - 1]!) ? longest - 1 : longest;
}
