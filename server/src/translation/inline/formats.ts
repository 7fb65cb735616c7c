import type { Document } from "./document.js";
import { htmlDocument, xmlDocument } from "./markup-document.js";
import { type Languages, Protector } from "./placeholders.js";

export const TEXT_FORMATS = ["text", "html", "xml"] as const;

/** How a text is written. */
export type TextFormat = (typeof TEXT_FORMATS)[number];

const asIs = (text: string) => text;

/** @throws CarouselError INVALID_ARGUMENT when it is not well-formed XML */
export function documentOf(text: string, options: { format: TextFormat; languages: Languages }): Document {
  const { format, languages } = options;
  if (format === "html") return htmlDocument(text, languages);
  if (format === "xml") return xmlDocument(text, languages);
  return { pieces: [new Protector({ text, languages, encode: asIs }).protect(text)], encode: asIs };
}
