import { type Languages, sameLanguage } from "../../languages.js";
import { rawOf, segmentContent, WellFormedness } from "../../translation/inline/markup-document.js";
import {
  type GrowingElement,
  type MarkupElement,
  type MarkupNode,
  MarkupReader,
} from "../../translation/inline/markup-tree.js";
import { inPieces, invalidDocument } from "./text.js";
import type { CutDocument, Unit } from "./unit.js";

/** A document as it is written, with units in it. */
type Written = Generator<string | Omit<Unit, "lead">>;

/** TMX 1.4: the target language's variant of every translation unit is written, or written anew. */
export const cutTmx: CutDocument = (pieces, languages) =>
  cutXml(pieces, languages, {
    root: "tmx",
    isWhole: ({ name }) => name === "tu",
    whole: translationUnit,
    openTag: ({ open }) => open,
  });

/** XLIFF 1.2 and 2.x: the target of every unit or segment is written, or written anew; inline elements are kept. */
export const cutXliff: CutDocument = (pieces, languages) =>
  cutXml(pieces, languages, {
    root: "xliff",
    isWhole: (element) => isKept(element) || element.name === "trans-unit" || element.name === "segment",
    whole: xliffUnit,
    openTag: withTargetLanguage,
  });

interface Dialect {
  readonly root: string;
  /** Whether an element is held in memory up to its end; the others are written as they come. */
  readonly isWhole: (element: MarkupElement) => boolean;
  readonly whole: (element: MarkupElement, languages: Languages) => Written;
  /** The start tag of another. */
  readonly openTag: (element: MarkupElement, languages: Languages) => string;
}

/** Characters that are parsed at once. */
const PIECE = 2 ** 16;

async function* cutXml(
  pieces: AsyncIterable<string>,
  languages: Languages,
  dialect: Dialect,
): AsyncGenerator<Unit, string> {
  const reader = new MarkupReader("xml");
  let check: WellFormedness | undefined;
  let hasRoot = false;
  let lead = "";
  /** What has come before the root, with the document type: its declarations would be read as text. */
  let prolog: string | undefined = "";
  const units = function* (): Generator<Unit> {
    hasRoot ||= reader.nodes.some((node) => node.kind === "element" && node.name === dialect.root);
    for (const piece of written(reader.nodes, { reader, languages, dialect })) {
      if (typeof piece === "string") lead += piece;
      else {
        yield { lead, ...piece };
        lead = "";
      }
    }
  };
  for await (const piece of inPieces(pieces, PIECE)) {
    if (!check) requireUtf8(piece);
    check ??= new WellFormedness(piece, "document");
    check.write(piece);
    if (prolog === undefined) reader.write(piece);
    else {
      prolog += piece;
      if (!check.hasRoot) continue;
      lead = prolog.slice(0, check.endOfDoctype);
      reader.write(prolog.slice(check.endOfDoctype));
      prolog = undefined;
    }
    yield* units();
  }
  check?.end();
  reader.end();
  yield* units();
  if (!hasRoot) throw invalidDocument(`has no element <${dialect.root}> at its root`);
  return lead;
}

/** What is read is UTF-8, and so is what is written: under another name nobody could read it. */
function requireUtf8(beginning: string): void {
  const encoding = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)/.exec(beginning)?.[1];
  if (encoding === undefined || encoding.toLowerCase() === "utf-8") return;
  throw invalidDocument(`says that it is ${encoding}; documents are UTF-8`);
}

interface Writing {
  readonly reader: MarkupReader;
  readonly dialect: Dialect;
  readonly languages: Languages;
}

/** Writes what has come of these nodes, and takes it out of them. */
function* written(nodes: MarkupNode[], writing: Writing): Written {
  const { reader, dialect, languages } = writing;
  for (let node = nodes[0]; node; node = nodes[0]) {
    if (node.kind !== "element") yield node.raw;
    else {
      const element = node as GrowingElement;
      const goesOn = reader.open.includes(element);
      if (dialect.isWhole(element)) {
        if (goesOn) return;
        yield* dialect.whole(element, languages);
      } else {
        if (element.open !== "") yield dialect.openTag(element, languages);
        element.open = "";
        yield* written(element.children, writing);
        if (goesOn) return;
        yield element.close;
      }
    }
    nodes.shift();
  }
}

function* translationUnit(unit: MarkupElement, languages: Languages): Written {
  const variants = childrenOf(unit).filter(({ name }) => name === "tuv");
  const inLanguage = (language: string) =>
    variants.find((v) => isOf(v.attributes["xml:lang"] ?? v.attributes.lang, language));
  const source = inLanguage(languages.source);
  const segment = source && childrenOf(source).find(({ name }) => name === "seg");
  if (!segment) return yield rawOf(unit);
  const target = inLanguage(languages.target);
  const translated = { source: segmentContent(segment.children, languages), markup: "xml" as const };
  yield unit.open;
  for (const node of unit.children) {
    if (node !== target) yield rawOf(node);
    if (node === target) yield* withSegment(target, translated);
    else if (node === source && !target) {
      yield `<tuv xml:lang="${languages.target}"><seg>`;
      yield translated;
      yield "</seg></tuv>";
    }
  }
  yield unit.close;
}

/** A variant as it was, its notes and properties too, with another segment. */
function* withSegment(variant: MarkupElement, translated: Omit<Unit, "lead">): Written {
  yield beginOf(variant);
  for (const node of variant.children) {
    if (node.kind !== "element" || node.name !== "seg") yield rawOf(node);
  }
  yield "<seg>";
  yield translated;
  yield `</seg>${variant.close || "</tuv>"}`;
}

/** The start tag of an element that has content from now on. */
function beginOf({ open, close }: MarkupElement): string {
  return close === "" ? open.replace(/\s*\/>$/, ">") : open;
}

function isKept({ name, attributes }: MarkupElement): boolean {
  return name === "alt-trans" || attributes.translate === "no";
}

function* xliffUnit(unit: MarkupElement, languages: Languages): Written {
  const source = childrenOf(unit).find(({ name }) => name === "source");
  if (!source || isKept(unit)) return yield rawOf(unit);
  const target = childrenOf(unit).find(({ name }) => name === "target");
  // XLIFF 1.2 has the source in segments between the two
  const place = target ?? childrenOf(unit).find(({ name }) => name === "seg-source") ?? source;
  yield unit.open;
  for (const node of unit.children) {
    if (node !== target) yield rawOf(node);
    if (node !== place) continue;
    yield target ? beginOf(target) : "<target>";
    yield { source: segmentContent(source.children, languages), markup: "xml" };
    yield "</target>";
  }
  yield unit.close;
}

/** A document with targets must say what their language is. */
function withTargetLanguage({ name, attributes, open }: MarkupElement, { target }: Languages): string {
  const having = (attribute: string) => open.replace(/>$/, ` ${attribute}="${target}">`);
  if (name === "xliff" && attributes.srcLang && !attributes.trgLang) return having("trgLang");
  if (name === "file" && attributes["source-language"] && !attributes["target-language"]) {
    return having("target-language");
  }
  return open;
}

function childrenOf({ children }: MarkupElement): MarkupElement[] {
  return children.filter((node) => node.kind === "element");
}

function isOf(tag: string | undefined, language: string): boolean {
  return tag !== undefined && sameLanguage(tag, language);
}
