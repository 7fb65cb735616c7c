import type { Languages } from "../../languages.js";
import type { Document } from "./document.js";
import { htmlDocument, xmlDocument } from "./markup-document.js";
import { Protector } from "./placeholders.js";

export const TEXT_FORMATS = ["text", "html", "xml"] as const;

/** How a text is written. */
export type TextFormat = (typeof TEXT_FORMATS)[number];

const asIs = (text: string) => text;

export interface Reading {
  readonly format: TextFormat;
  readonly languages: Languages;
  /** Names in it are not used as stand-ins, nor are those in the text. */
  readonly prefix?: string;
}

/** @throws CarouselError INVALID_ARGUMENT when it is not well-formed XML */
export function documentOf(text: string, { format, languages, prefix = "" }: Reading): Document {
  if (format === "html") return htmlDocument(text, languages, prefix);
  if (format === "xml") return xmlDocument(text, languages, prefix);
  const protector = new Protector({ text: text + prefix, languages, encode: asIs });
  return { pieces: [protector.protect(text)], encode: asIs };
}
