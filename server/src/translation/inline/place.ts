import { type Aligned, type PiecePlace, translatedStretch } from "./attention.js";
import type { PartOfSpan } from "./parts.js";
import type { Encode } from "./span.js";
import { type GivenPlace, type Replacement, replaceStandIns } from "./stand-ins.js";
import { wholeWords } from "./words.js";

/** Writes a stretch of a text as it stands in the document. */
export type Write = (place: PiecePlace) => string;

export interface Placing {
  readonly spans: readonly PartOfSpan[];
  readonly aligned: Aligned;
  readonly write: Write;
  /** Stretches of the translation that no placeholder may take the place of, but its own: terms, and what the request gave. */
  readonly closed: readonly GivenPlace[];
}

interface Written {
  readonly text: string;
  readonly replacements: readonly Replacement[];
  readonly write: Write;
  placeOf(span: PartOfSpan): PiecePlace;
}

/** The same text again with its spans in their places: of what is not translated. */
export function placeAsIs(text: string, spans: readonly PartOfSpan[], encode: Encode): string {
  const replacements = placeholdersOf(spans).map(({ start, end, instead }) => {
    return { start, end, text: instead!.untranslated ?? instead!.text };
  });
  const write: Write = ({ start, end }) => encode(text.slice(start, end));
  return new Writer({ text, replacements, write, placeOf: (span) => span }).write(spans);
}

/**
 * Puts the spans of a sentence into its translation: a placeholder in place of its stand-in, tags around what was translated
 * from what they held, by attention. Every tag and placeholder is written exactly once, and tags nest as they did.
 */
export function placeByAlignment(text: string, { spans, aligned, write, closed }: Placing): string {
  const { replacements, of } = replaceStandIns(text, { spans: placeholdersOf(spans), aligned, closed });
  const placeOf = (span: PartOfSpan): PiecePlace => {
    const only = span.children.length === 1 ? span.children[0]! : undefined;
    if (only && only.start === span.start && only.end === span.end) return of.get(only) ?? placeOf(only);
    return around(replacements, wholeWords(text, translatedStretch(aligned, span)));
  };
  return new Writer({ text, replacements, write, placeOf }).write(spans);
}

/** The placeholders among spans, at whatever depth. */
export function placeholdersOf(spans: readonly PartOfSpan[]): PartOfSpan[] {
  return spans.flatMap((span) => (span.instead ? [span] : placeholdersOf(span.children)));
}

/** The stretch grown so that it cuts no replacement. */
function around(replacements: readonly Replacement[], { start, end }: PiecePlace): PiecePlace {
  const isPoint = start === end;
  for (const r of replacements) {
    if (r.start < start && start < r.end) start = isPoint ? r.end : r.start;
    if (r.start < end && end < r.end) end = r.end;
  }
  return { start, end };
}

/** Writes a text with tags and replacements, each once. */
class Writer {
  private readonly left: Replacement[];

  constructor(private readonly written: Written) {
    this.left = [...written.replacements];
  }

  write(spans: readonly PartOfSpan[]): string {
    const { text } = this.written;
    return this.inside(spans, { start: 0, end: text.length }) + this.left.map((r) => r.text).join("");
  }

  private inside(spans: readonly PartOfSpan[], { start, end }: PiecePlace): string {
    let out = "";
    let from = start;
    for (const { span, place } of this.layOut(spans, { start, end })) {
      out += this.characters({ start: from, end: place.start });
      const inside = this.inside(span.children, place);
      const isBare = span.isQuotation && !/[\p{L}\p{N}]/u.test(inside);
      out += isBare ? inside : (span.before ?? "") + inside + (span.after ?? "");
      from = place.end;
    }
    return out + this.characters({ start: from, end });
  }

  /** Places of tags side by side: in order, without overlap; what began or goes on elsewhere reaches the end there. */
  private layOut(spans: readonly PartOfSpan[], within: PiecePlace): { span: PartOfSpan; place: PiecePlace }[] {
    const clamp = (at: number) => Math.min(Math.max(at, within.start), within.end);
    const wanted = spans
      .filter((span) => !span.instead)
      .map((span) => {
        const { start, end } = this.written.placeOf(span);
        return {
          span,
          start: span.before === undefined ? within.start : clamp(start),
          end: span.after === undefined ? within.end : clamp(end),
        };
      })
      .sort((a, b) => rank(a.span) - rank(b.span) || a.start - b.start);
    let from = within.start;
    return wanted.map(({ span, start, end }, k) => {
      const begin = Math.max(start, from);
      const next = wanted[k + 1]?.start ?? within.end;
      const untilNext = next > begin ? Math.min(end, next) : end;
      from = Math.max(begin, span.after === undefined ? within.end : untilNext);
      return { span, place: { start: begin, end: from } };
    });
  }

  /** What is between tags, with what stands in its place. */
  private characters({ start, end }: PiecePlace): string {
    const { text, write } = this.written;
    let out = "";
    let from = start;
    // what goes on behind the stand-in goes on behind what is written for it: 21e for 30e
    let goesOn = false;
    const add = (more: string, word?: RegExp) => {
      out = goesOn ? out + more : spaced(out, more, word);
    };
    while (this.left.length > 0) {
      const [next] = this.left;
      // where there are no characters only what stands in place of none: a word's may be inside the next tag
      const isHere = next!.start < end || (start === end && next!.end === end);
      if (!isHere) break;
      add(write({ start: from, end: Math.max(from, next!.start) }));
      goesOn = false;
      add(next!.text, KEPT);
      goesOn = WORD_END.test(text.slice(Math.max(from, next!.start), next!.end));
      from = Math.max(from, next!.end);
      this.left.shift();
    }
    add(write({ start: from, end: Math.max(from, end) }));
    return out;
  }
}

const WORD = /^[\p{sc=Latn}\p{Nd}]/u;
const WORD_END = /[\p{sc=Latn}\p{Nd}]$/u;
/** A word, a number or code. */
const KEPT = /^[\p{sc=Latn}\p{Nd}`#@/~\\{<$-]/u;

/** Two texts side by side, with a space where two words or numbers would become one. */
function spaced(left: string, right: string, word = WORD): string {
  return WORD_END.test(left) && word.test(right) ? `${left} ${right}` : left + right;
}

/** A tag that opened before comes first, one that ends behind comes last. */
function rank({ before, after }: PartOfSpan): number {
  if (before === undefined) return 0;
  return after === undefined ? 2 : 1;
}
