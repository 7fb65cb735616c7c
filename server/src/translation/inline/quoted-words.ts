import { marksOf } from "../marks.js";
import { type Quotation, quotationsIn } from "../quotations.js";
import type { PiecePlace } from "./attention.js";
import type { PartOfSpan } from "./parts.js";
import { allSpans, openPlaces, type Spanned } from "./substitutes.js";

/**
 * Quotation marks inside a sentence become a tag around the words between them: a model reads other pieces for a word that a
 * mark stands before, of which it has seen few. `He said "yes".` is read as "He said yes."
 * @param language of the translation, which has its marks
 * @param closed stretches that stay as they are: terms
 * @returns also where a character of the text has gone
 */
export function withQuotedWords(
  sentence: Spanned,
  { language, closed }: { language: string; closed: readonly PiecePlace[] },
): Spanned & { moved(at: number): number } {
  const { text } = sentence;
  const isOpen = openPlaces(sentence, closed);
  const tags = allSpans(sentence.spans);
  const quotations = quotationsIn(text)
    .map((quotation) => ({ ...quotation, words: wordsOf(text, quotation) }))
    .filter((quotation) => marks(quotation).every(isOpen) && !tags.some((span) => crosses(span, quotation)));
  if (quotations.length === 0) return { ...sentence, moved: (at) => at };
  const { opening, closing } = marksOf(language);
  const around = quotations.reduce(
    (spans, { words, ...place }) =>
      within(spans, place, { ...words, before: opening, after: closing, isQuotation: true }),
    sentence.spans,
  );
  const shifts = new Int32Array(text.length + 1);
  for (const { start, end } of quotations.flatMap(marks)) shifts.fill(-1, start + 1, end + 1);
  for (let at = 1; at < shifts.length; at++) shifts[at]! += shifts[at - 1]!;
  const moved = (at: number) => at + shifts[at]!;
  const move = (span: PartOfSpan): PartOfSpan => {
    return { ...span, start: moved(span.start), end: moved(span.end), children: span.children.map(move) };
  };
  const read = quotations
    .flatMap(marks)
    .reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
  return { text: read, spans: around.map(move), moved };
}

function marks({ start, end, from, to }: Quotation): PiecePlace[] {
  return [
    { start, end: from },
    { start: to, end },
  ];
}

/** "yes," is "yes", */
function wordsOf(text: string, { from, to }: Quotation): PiecePlace {
  return { start: from, end: /[.,。、]/.test(text[to - 1]!) ? to - 1 : to };
}

function holds(a: PiecePlace, b: PiecePlace): boolean {
  return a.start <= b.start && b.end <= a.end;
}

function crosses(span: PartOfSpan, { words, ...place }: PiecePlace & { words: PiecePlace }): boolean {
  return !(span.end <= place.start || place.end <= span.start || holds(span, place) || holds(words, span));
}

/** Puts a tag into the innermost span that holds a place, around those in it. */
function within(
  spans: readonly PartOfSpan[],
  place: PiecePlace,
  tag: Omit<PartOfSpan, "children">,
): readonly PartOfSpan[] {
  if (spans.some((span) => holds(span, place))) {
    return spans.map((s) => (holds(s, place) ? { ...s, children: within(s.children, place, tag) } : s));
  }
  const inside = spans.filter((span) => holds(tag, span));
  const own = { ...tag, children: inside };
  return [...spans.filter((span) => !inside.includes(span)), own].sort((a, b) => a.start - b.start);
}
