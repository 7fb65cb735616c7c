import { SaxesParser } from "saxes";
import { CarouselError } from "../../errors.js";
import type { Languages } from "../../languages.js";
import { InlineBuilder } from "./builder.js";
import { entitiesOf } from "./doctype.js";
import type { Document } from "./document.js";
import { DEEPEST, type MarkupElement, type MarkupNode, readMarkup } from "./markup-tree.js";
import type { Encode, InlineText } from "./span.js";

/** HTML's elements of a sentence, as far as it goes on behind them. */
const INLINE = new Set(
  "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr".split(
    " ",
  ),
);

/** HTML's elements whose content is no text for readers, or must stay as it is. */
const OPAQUE = new Set(
  "audio canvas code iframe kbd map math noscript object pre samp script style svg template textarea var video".split(
    " ",
  ),
);

/** What is said once of all nodes that stand beside one another. */
interface Siblings {
  readonly haveText: boolean;
}

function siblingsOf(nodes: readonly MarkupNode[]): Siblings {
  return { haveText: nodes.some((node) => node.kind === "text" && node.text.trim() !== "") };
}

/** Which elements are parts of a sentence, and which are not looked into. */
interface Dialect {
  isInline(element: MarkupElement, siblings: Siblings): boolean;
  isOpaque(element: MarkupElement): boolean;
  /** Code of another format that stands for a tag of it. */
  isCode?(element: MarkupElement): boolean;
}

const HTML: Dialect = {
  isInline: ({ name }) => INLINE.has(name),
  isOpaque: (element) => OPAQUE.has(element.name) || isKept(element),
};

/** XML says nothing of its elements: those that stand beside text are parts of it. */
const XML: Dialect = {
  isInline: (_, { haveText }) => haveText,
  isOpaque: isKept,
};

/** Marked as not to be translated (HTML; the Internationalization Tag Set of W3C for XML). */
function isKept({ attributes }: MarkupElement): boolean {
  const { translate, class: classes } = attributes;
  return translate === "no" || attributes["its:translate"] === "no" || /\bnotranslate\b/.test(classes ?? "");
}

/** Text between the tags of HTML, sentence by sentence, is translated; scripts, styles, code and comments are kept. */
export function htmlDocument(text: string, languages: Languages, prefix = ""): Document {
  return documentOf(readMarkup(text, "html"), { dialect: HTML, languages, prefix });
}

/** Text between the tags of an XML document or a part of one. @throws CarouselError INVALID_ARGUMENT when it is not well-formed */
export function xmlDocument(text: string, languages: Languages, prefix = ""): Document {
  const begin = endOfDoctype(text);
  const { pieces, encode } = documentOf(readMarkup(text.slice(begin), "xml"), { dialect: XML, languages, prefix });
  return { pieces: begin === 0 ? pieces : [text.slice(0, begin), ...pieces], encode };
}

/** Elements of TMX and XLIFF that hold tags of another format. */
const CODES = new Set("bpt ept it ph ut x bx ex sc ec cp".split(" "));

/** The inside of a segment of TMX or XLIFF: one sentence, with codes and inline elements; CDATA is text. */
export function segmentContent(nodes: readonly MarkupNode[], languages: Languages): InlineText {
  const dialect: Dialect = { isInline: () => true, isOpaque: isKept, isCode: ({ name }) => CODES.has(name) };
  return inlineText(nodes.map(withoutCdata), { dialect, languages });
}

function withoutCdata(node: MarkupNode): MarkupNode {
  if (node.kind === "element") return { ...node, children: node.children.map(withoutCdata) };
  const text = node.kind === "other" ? /^<!\[CDATA\[([\s\S]*)\]\]>$/.exec(node.raw)?.[1] : undefined;
  return text === undefined ? node : { kind: "text", text, raw: encodeMarkup(text) };
}

/** HTML that is one sentence, whose text is written by `encode`. */
export function htmlSentence(
  text: string,
  { languages, encode }: { languages: Languages; encode: Encode },
): InlineText {
  return inlineText(readMarkup(text, "html"), { dialect: HTML, languages, encode });
}

/** The declarations of a document type (`<!DOCTYPE a [<!ATTLIST …>]>`) would be read as text. @throws CarouselError INVALID_ARGUMENT naming line and column */
function endOfDoctype(text: string): number {
  const check = new WellFormedness(text);
  check.write(text);
  check.end();
  return check.endOfDoctype;
}

/** A declaration or a document type comes first, but for comments. */
const WHOLE_DOCUMENT = /^\s*(?:<!--(?:(?!-->)[\s\S])*-->\s*)*<(?:\?xml\s|!DOCTYPE)/;

/** Looks whether XML that comes in pieces is well-formed. */
export class WellFormedness {
  /** Where the document type ends, in characters; 0 where there is none. */
  endOfDoctype = 0;
  /** Whether an element has begun: no document type comes any more. */
  hasRoot = false;
  private readonly parser: SaxesParser;
  private fault: string | undefined;
  private depth = 0;

  /** @param beginning so much of the text that a declaration in front of it can be told */
  constructor(
    beginning: string,
    private readonly what: "text" | "document" = "text",
  ) {
    this.parser = new SaxesParser({ fragment: !WHOLE_DOCUMENT.test(beginning), position: true });
    this.parser.on("error", ({ message }) => {
      this.fault ??= message;
    });
    this.parser.on("doctype", (doctype) => {
      this.endOfDoctype = this.parser.position;
      // never expanded: references stay as they are
      for (const name of entitiesOf(doctype)) this.parser.ENTITIES[name] ??= "";
    });
    this.parser.on("opentag", () => {
      this.hasRoot = true;
      const { line, column } = this.parser;
      if (++this.depth > DEEPEST) this.fault ??= `${line}:${column}: elements nest deeper than ${DEEPEST}`;
    });
    this.parser.on("closetag", () => {
      this.depth--;
    });
  }

  /** @throws CarouselError INVALID_ARGUMENT naming line and column */
  write(piece: string): void {
    this.parser.write(piece);
    this.check();
  }

  /** @throws CarouselError INVALID_ARGUMENT naming line and column */
  end(): void {
    this.parser.close();
    this.check();
  }

  private check(): void {
    if (this.fault === undefined) return;
    const description = `is not well-formed XML: ${this.fault} (line:column)`;
    throw new CarouselError("INVALID_ARGUMENT", `the ${this.what} ${description}`, {
      violations: [{ field: this.what === "text" ? "texts" : "document", description }],
    });
  }
}

interface Reading {
  readonly dialect: Dialect;
  readonly languages: Languages;
  /** How text is written between tags; as XML's and HTML's when absent. */
  readonly encode?: Encode;
  /** What the translation begins with. */
  readonly prefix?: string;
}

function documentOf(nodes: readonly MarkupNode[], reading: Reading): Document {
  return { pieces: blocks(nodes, reading), encode: encodeMarkup };
}

/** Block elements stay; what stands between their tags are texts of their own. */
function blocks(nodes: readonly MarkupNode[], reading: Reading): (string | InlineText)[] {
  const pieces: (string | InlineText)[] = [];
  const siblings = siblingsOf(nodes);
  let run: MarkupNode[] = [];
  const endRun = () => {
    if (run.some((node) => hasWords(node, reading.dialect))) pieces.push(inlineText(run, reading));
    else pieces.push(run.map(rawOf).join(""));
    run = [];
  };
  for (const node of nodes) {
    if (isPartOfSentence(node, siblings, reading.dialect)) run.push(node);
    else {
      endRun();
      const element = node as MarkupElement;
      if (reading.dialect.isOpaque(element)) pieces.push(rawOf(element));
      else pieces.push(element.open, ...blocks(element.children, reading), element.close);
    }
  }
  endRun();
  return pieces.filter((piece) => piece !== "");
}

function isPartOfSentence(node: MarkupNode, siblings: Siblings, dialect: Dialect): boolean {
  if (node.kind !== "element") return true;
  if (!dialect.isInline(node, siblings)) return false;
  return dialect.isOpaque(node) || node.children.every((child) => isPartOfSentence(child, siblings, dialect));
}

function hasWords(node: MarkupNode, dialect: Dialect): boolean {
  if (node.kind === "text") return /\p{L}/u.test(node.text);
  return node.kind === "element" && !dialect.isOpaque(node) && node.children.some((child) => hasWords(child, dialect));
}

/** A node as it was written. */
export function rawOf(node: MarkupNode): string {
  return node.kind === "element" ? node.open + node.children.map(rawOf).join("") + node.close : node.raw;
}

function inlineText(nodes: readonly MarkupNode[], reading: Reading): InlineText {
  const { dialect, languages, encode = encodeMarkup, prefix = "" } = reading;
  const builder = new InlineBuilder({ words: nodes.map(wordsOf).join("") + prefix, languages, encode });
  const add = (node: MarkupNode): void => {
    // line breaks of the source are spaces to its reader
    if (node.kind === "text") builder.words(node.text.replace(/[ \t\r\n\f]+/g, " "));
    else if (node.kind === "other") builder.empty(node.raw);
    else if (node.kind === "reference") builder.opaque(node.raw);
    else if (dialect.isCode?.(node)) builder.empty(rawOf(node));
    else if (dialect.isOpaque(node)) builder.opaque(rawOf(node));
    else builder.around({ before: node.open, after: node.close, inside: () => node.children.forEach(add) });
  };
  nodes.forEach(add);
  return builder.build();
}

function wordsOf(node: MarkupNode): string {
  if (node.kind === "text") return node.text;
  return node.kind === "element" ? node.children.map(wordsOf).join("") : "";
}

/** Text as it is written between tags. */
export function encodeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
