import type { Span } from "./span.js";

/** The part of a span that lies in a part of the text: a tag opens or ends in it, or neither. */
export interface PartOfSpan {
  /** Characters from the start of the part. */
  readonly start: number;
  readonly end: number;
  /** Absent when it opened in a part before. */
  readonly before?: string;
  /** Absent when it ends in a part behind. */
  readonly after?: string;
  readonly children: readonly PartOfSpan[];
  readonly instead?: Span["instead"];
}

/**
 * Cuts spans where a text is cut. Every tag is in exactly one part: it opens in the part that begins with or holds what is
 * behind it, and ends in the part that holds what is in front of it.
 * @param lengths of the parts, which together are the text
 */
export function cutSpans(spans: readonly Span[], lengths: readonly number[]): PartOfSpan[][] {
  const starts = lengths.map((_, k) => lengths.slice(0, k).reduce((sum, n) => sum + n, 0));
  const last = lengths.length - 1;
  const opensIn = (at: number) =>
    Math.max(
      0,
      Math.min(
        last,
        starts.findLastIndex((start) => start <= at),
      ),
    );
  const endsIn = (at: number) =>
    Math.max(
      0,
      starts.findLastIndex((start) => start < at),
    );
  const parts = lengths.map((): PartOfSpan[] => []);
  /** Parts of the spans, by part. `within`: where the parent opens and ends. */
  const cut = (list: readonly Span[], within: readonly [number, number], into: readonly PartOfSpan[][]) => {
    for (const span of list) {
      const bound = (part: number) => Math.min(Math.max(part, within[0]), within[1]);
      const first = bound(opensIn(span.start));
      const final = span.end === span.start ? first : bound(endsIn(span.end));
      const children = lengths.map((): PartOfSpan[] => []);
      cut(span.children, [first, final], children);
      for (let k = first; k <= final; k++) {
        into[k]!.push({
          start: Math.min(Math.max(span.start - starts[k]!, 0), lengths[k]!),
          end: Math.min(Math.max(span.end - starts[k]!, 0), lengths[k]!),
          ...(k === first ? { before: span.before } : {}),
          ...(k === final ? { after: span.after } : {}),
          children: children[k]!,
          ...(span.instead && k === first ? { instead: span.instead } : {}),
        });
      }
    }
  };
  cut(spans, [0, last], parts);
  return parts;
}
