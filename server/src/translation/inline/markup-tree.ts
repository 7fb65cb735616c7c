import { Parser } from "htmlparser2";
import { invalid } from "../../errors.js";

/** Levels of elements: what works on them calls itself. */
export const DEEPEST = 256;

/** A piece of an HTML or XML document; what is written of it, put together, is the document. */
export type MarkupNode =
  | MarkupText
  | MarkupElement
  /** To an entity of XML that a document type declares: `&name;`. */
  | { readonly kind: "reference"; readonly raw: string }
  | { readonly kind: "other"; readonly raw: string };

export interface MarkupText {
  readonly kind: "text";
  /** Entities decoded. */
  readonly text: string;
  readonly raw: string;
}

export interface MarkupElement {
  readonly kind: "element";
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The start tag. */
  readonly open: string;
  readonly children: readonly MarkupNode[];
  /** The end tag; empty where there is none. */
  readonly close: string;
}

/** An element whose end may not be there yet; what is done with may be taken out of it. */
export type GrowingElement = { -readonly [K in keyof MarkupElement]: MarkupElement[K] } & { children: MarkupNode[] };

/** Characters that the parser does not count to an instruction of XML: its ">". */
const UNCOUNTED = 1;

/** Of an end tag htmlparser2 tells where its name ends: what stands between that and its ">" is no text (`</b\n>`). */
class TagParser extends Parser {
  /** The ">" of a tag whose name ends there. */
  endOfTag: (at: number) => number = (at) => at;

  override onclosetag(start: number, endIndex: number): void {
    super.onclosetag(start, endIndex);
    this.startIndex = this.endOfTag(endIndex) + 1;
  }
}

/** An end tag, or a reference to an entity, of which more is to come. */
const CUT = /(?:<\/[^>]*|&[^\s;&<>]*)$/;

/** References to entities that the parser does not know. */
const REFERENCE = /(&[^\s;&<>]+;)/;

/** Elements of HTML whose end tag may be left out. */
const END_IS_OPTIONAL = new Set(
  "html head body p li dt dd option optgroup tr td th thead tbody tfoot colgroup caption rt rp".split(" "),
);

/** @returns the nodes of a document, as MarkupReader reads them. @throws CarouselError INVALID_ARGUMENT when they nest too deep */
export function readMarkup(document: string, format: "html" | "xml"): MarkupNode[] {
  const reader = new MarkupReader(format);
  reader.write(document);
  reader.end();
  return reader.nodes;
}

/**
 * Reads markup, in pieces, without changing a letter of it, except that HTML gets the end tags that it lacks and loses those
 * that end nothing.
 */
export class MarkupReader {
  readonly nodes: MarkupNode[] = [];
  /** Elements that have begun and not ended, the outermost first. */
  readonly open: GrowingElement[] = [];
  private readonly parser: TagParser;
  /** What the pieces so far have not all of. */
  private held = "";
  /** What was read and is no node yet, and where in the document it stands. */
  private rest = "";
  private restAt = 0;
  private covered = 0;
  private inData = false;

  constructor(format: "html" | "xml") {
    const isXml = format === "xml";
    this.parser = new TagParser(
      {
        onopentag: (name, attributes, implied) => this.begin({ name, attributes, open: implied ? "" : this.raw() }),
        onclosetag: (name, implied) => {
          if (this.open.at(-1)?.name !== name) return; // of a start tag that the document's end cuts off
          const element = this.open.pop()!;
          const endTag = implied ? "" : this.raw(this.endOfTag(this.parser.endIndex) - this.parser.endIndex);
          if (element.open === "" && !isXml) return; // of HTML's rules for a stray end tag
          element.close = implied && isUnended(element, name, format) ? `</${name}>` : endTag;
        },
        ontext: (text) => {
          if (this.inData) this.addOther();
          else if (isXml) this.addXmlText(text, this.raw());
          else this.addText(text, this.raw());
        },
        oncdatastart: () => {
          this.inData = true;
        },
        oncdataend: () => {
          this.inData = false;
          this.addOther();
        },
        oncomment: () => this.addOther(),
        onprocessinginstruction: (name) => this.addOther(isXml && name.startsWith("?") ? UNCOUNTED : 0),
      },
      { xmlMode: isXml, decodeEntities: true, recognizeSelfClosing: isXml },
    );
    this.parser.endOfTag = (at) => this.endOfTag(at);
  }

  /** @throws CarouselError INVALID_ARGUMENT when elements nest too deep */
  write(piece: string): void {
    const text = this.held + piece;
    const whole = CUT.exec(text)?.index ?? text.length;
    this.held = text.slice(whole);
    this.feed(text.slice(0, whole));
  }

  end(): void {
    this.feed(this.held);
    this.parser.end();
  }

  private feed(text: string): void {
    this.rest = this.rest.slice(this.covered - this.restAt) + text;
    this.restAt = this.covered;
    this.parser.write(text);
  }

  private endOfTag(at: number): number {
    const end = this.rest.indexOf(">", at - this.restAt);
    return end < 0 ? at : end + this.restAt;
  }

  private begin(element: Omit<MarkupElement, "kind" | "children" | "close">): void {
    const growing: GrowingElement = { kind: "element", ...element, children: [], close: "" };
    this.here.push(growing);
    this.open.push(growing);
    if (this.open.length > DEEPEST) invalid("texts", `has elements that nest deeper than ${DEEPEST}`);
  }

  private get here(): MarkupNode[] {
    return this.open.at(-1)?.children ?? this.nodes;
  }

  private raw(uncounted = 0): string {
    const { startIndex, endIndex } = this.parser;
    const end = endIndex + 1 + uncounted;
    const text = this.rest.slice(Math.max(this.covered, startIndex) - this.restAt, end - this.restAt);
    this.covered = Math.max(this.covered, end);
    return text;
  }

  private addXmlText(text: string, raw: string): void {
    if (text === raw) for (const part of text.split(REFERENCE)) this.addPart(part);
    else this.addText(text, raw);
  }

  private addPart(part: string): void {
    if (REFERENCE.test(part)) this.here.push({ kind: "reference", raw: part });
    else if (part !== "") this.addText(part, part);
  }

  private addText(text: string, raw: string): void {
    const { here } = this;
    const last = here.at(-1);
    if (last?.kind === "text") here[here.length - 1] = { kind: "text", text: last.text + text, raw: last.raw + raw };
    else here.push({ kind: "text", text, raw });
  }

  private addOther(uncounted = 0): void {
    const other = { kind: "other", raw: this.raw(uncounted) } as const;
    if (other.raw !== "") this.here.push(other);
  }
}

/** HTML elements without an end tag of their own, and content. */
const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));

function isUnended({ open }: MarkupElement, name: string, format: "html" | "xml"): boolean {
  return format === "html" && !VOID.has(name) && !END_IS_OPTIONAL.has(name) && !open.endsWith("/>");
}
