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
  /** What it has before and after goes where nothing is left between. */
  readonly isQuotation?: true;
}

/**
 * Cuts spans where a text is cut. Every tag is in exactly one part: it opens in the part that begins with or holds what is
 * behind it, and ends in the part that holds what is in front of it.
 * @param lengths of the parts, which together are the text
 */
export function cutSpans(spans: readonly Span[], lengths: readonly number[]): PartOfSpan[][] {
  let end = 0;
  const starts = lengths.map((length) => {
    end += length;
    return end - length;
  });
  /** Parts of the spans of a list in each of the parts from the first to the last, in which their parent is. */
  const cut = (list: readonly Span[], first: number, last: number): PartOfSpan[][] => {
    const parts = Array.from({ length: last - first + 1 }, (): PartOfSpan[] => []);
    const bound = (part: number) => Math.min(Math.max(part, first), last);
    for (const span of list) {
      const opens = bound(partAt(starts, span.start));
      const ends = span.end === span.start ? opens : bound(partAt(starts, span.end - 1));
      const children = cut(span.children, opens, ends);
      for (let k = opens; k <= ends; k++) {
        parts[k - first]!.push({
          start: Math.min(Math.max(span.start - starts[k]!, 0), lengths[k]!),
          end: Math.min(Math.max(span.end - starts[k]!, 0), lengths[k]!),
          ...(k === opens ? { before: span.before } : {}),
          ...(k === ends ? { after: span.after } : {}),
          children: children[k - opens]!,
          ...(span.instead && k === opens ? { instead: span.instead } : {}),
        });
      }
    }
    return parts;
  };
  return cut(spans, 0, lengths.length - 1);
}

/** The last part that begins at that character or before it; the first where none does. */
function partAt(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
