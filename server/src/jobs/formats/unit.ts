import type { TranslateWishes } from "../../gateway/validate.js";
import type { Languages } from "../../languages.js";
import { encodeMarkup } from "../../translation/inline/markup-document.js";
import { cutSpans } from "../../translation/inline/parts.js";
import { placeAsIs } from "../../translation/inline/place.js";
import type { Encode, InlineText } from "../../translation/inline/span.js";
import { encodeMarkdown } from "./encode-markdown.js";

/** A stretch of a document: what is written as it is, and then something to translate. Plain data: it is stored as JSON. */
export interface Unit {
  /** The document's text up to the translation, and from the end of the one before. */
  readonly lead: string;
  /** Plain text; or a text with tags, whose translation is written with them in the way `markup` says. */
  readonly source: string | InlineText;
  readonly markup?: "xml" | "markdown" | "none";
  /** How the translation of plain text, or the error in its place, is written. Absent: as it is, and the source for an error. */
  readonly field?: "line" | "json" | "tsv";
  /** What this unit asks of the search beside what the job asks. */
  readonly options?: TranslateWishes;
}

/**
 * Cuts a document of some format into units, as it is read; what is behind the last translation is the generator's result.
 * @throws CarouselError INVALID_ARGUMENT naming the line or place that is not as the format wants it
 */
export type CutDocument = (text: AsyncIterable<string>, languages: Languages) => AsyncGenerator<Unit, string>;

/** Characters to translate. */
export function lengthOf({ source }: Unit): number {
  return (typeof source === "string" ? source : source.text).length;
}

/** What a unit became. */
export interface UnitResult {
  readonly text?: string;
  readonly error?: string;
}

/** same: as the document came. parallel: a line for each unit, its source and its translation with a tab between them. */
export const DOCUMENT_FORMS = ["same", "parallel"] as const;
export type DocumentForm = (typeof DOCUMENT_FORMS)[number];

/** How a unit is written in a document of either form. */
export const WRITTEN: Readonly<Record<DocumentForm, (unit: Unit, result: UnitResult) => string>> = {
  same: writtenUnit,
  parallel: (unit, { text = "" }) => `${oneField(untranslated(unit))}\t${oneField(text)}\n`,
};

function oneField(text: string): string {
  return text.replace(/[\t\r\n]+/g, " ");
}

/** A unit in the translated document. */
export function writtenUnit(unit: Unit, { text, error }: UnitResult): string {
  const { lead } = unit;
  switch (unit.field) {
    case "json":
      return `${lead}${inString(text ?? "")}"${error === undefined ? "" : `,"error":"${inString(error)}"`}`;
    case "tsv":
    case "line":
      return lead + oneField(text ?? "");
    default:
      return lead + (text ?? untranslated(unit));
  }
}

function inString(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** What stood in the document, for a unit that could not be translated. */
function untranslated({ source, markup }: Unit): string {
  if (typeof source === "string") return source;
  return placeAsIs(source.text, cutSpans(source.spans, [source.text.length])[0]!, encodings[markup ?? "xml"]);
}

/** How text is written between the tags of a unit. */
export const encodings: Readonly<Record<NonNullable<Unit["markup"]>, Encode>> = {
  xml: encodeMarkup,
  markdown: encodeMarkdown,
  none: (text) => text,
};
