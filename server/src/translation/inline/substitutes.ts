import { overlaps } from "../terms/occurrences.js";
import type { PiecePlace } from "./attention.js";
import type { PartOfSpan } from "./parts.js";
import type { Instead, Span } from "./span.js";

/** A stretch of a text, what is translated in its place, and what is written in place of that. */
export interface Substitute extends PiecePlace {
  readonly word: string;
  readonly instead: Instead;
}

/** A text with what stands in it, or a part of one. */
export interface Spanned<S extends PartOfSpan = PartOfSpan> {
  readonly text: string;
  readonly spans: readonly S[];
}

/** Whether something else may stand at a place: no placeholder, nothing closed, no end of a tag inside it. */
export function openPlaces({ spans }: Spanned, closed: readonly PiecePlace[]): (place: PiecePlace) => boolean {
  const all = allSpans(spans);
  const taken = [...all.filter(({ instead }) => instead), ...closed];
  return (place) =>
    !taken.some((other) => overlaps(other, place)) &&
    !all.some(({ start, end }) => [start, end].some((at) => place.start < at && at < place.end));
}

/** Spans at whatever depth. */
export function allSpans(spans: readonly PartOfSpan[]): PartOfSpan[] {
  return spans.flatMap((span) => [span, ...allSpans(span.children)]);
}

/**
 * Writes words into the text, each a span of its own in the innermost that holds it.
 * @param substitutes in order, all in open places
 * @returns also where a character of the text, outside of them, has gone
 */
export function substituted<S extends PartOfSpan>(
  { text, spans }: Spanned<S>,
  substitutes: readonly Substitute[],
): Spanned<S | Span> & { moved(at: number): number } {
  const shifts = new Int32Array(text.length + 1);
  for (const { start, end, word } of substitutes) shifts[end]! += word.length - (end - start);
  for (let at = 1; at < shifts.length; at++) shifts[at]! += shifts[at - 1]!;
  const moved = (at: number) => at + shifts[at]!;
  const spanOf = ({ start, word, instead }: Substitute): Span => {
    return { start: moved(start), end: moved(start) + word.length, before: "", after: "", children: [], instead };
  };
  const within = <T extends PartOfSpan>(list: readonly T[], inside: readonly Substitute[]): (T | Span)[] => {
    const isIn = (place: PiecePlace) => (span: T) => span.start <= place.start && place.end <= span.end;
    const own = inside.filter((place) => !list.some(isIn(place)));
    const others = list.map((span) => {
      const children = within(
        span.children,
        inside.filter((place) => isIn(place)(span)),
      );
      return { ...span, start: moved(span.start), end: moved(span.end), children };
    });
    return [...others, ...own.map(spanOf)].sort((a, b) => a.start - b.start);
  };
  const written = substitutes.reduceRight((t, { start, end, word }) => t.slice(0, start) + word + t.slice(end), text);
  return { text: written, spans: within(spans, substitutes), moved };
}
