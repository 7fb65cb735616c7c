import { CarouselError } from "../../errors.js";
import { rawOf, requireWellFormed, segmentContent } from "../../translation/inline/markup-document.js";
import { type MarkupElement, type MarkupNode, readMarkup } from "../../translation/inline/markup-tree.js";
import type { Languages } from "../../translation/inline/placeholders.js";
import { wholeOf } from "./text.js";
import type { CutDocument, Unit } from "./unit.js";

/** A document as it is written, with units in it. */
type Written = Generator<string | Omit<Unit, "lead">>;

/** TMX 1.4: the target language's variant of every translation unit is written, or written anew. */
export const cutTmx: CutDocument = (pieces, languages) =>
  cutXml(pieces, languages, { root: "tmx", element: translationUnit });

/** XLIFF 1.2 and 2.x: the target of every unit or segment is written, or written anew; inline elements are kept. */
export const cutXliff: CutDocument = (pieces, languages) =>
  cutXml(pieces, languages, { root: "xliff", element: xliffElement });

interface Dialect {
  readonly root: string;
  /** undefined: the element is written as it is, and looked into. */
  readonly element: (element: MarkupElement, languages: Languages) => Written | undefined;
}

/** Held in memory: both formats are trees. */
async function* cutXml(
  pieces: AsyncIterable<string>,
  languages: Languages,
  { root, element }: Dialect,
): AsyncGenerator<Unit, string> {
  const document = await wholeOf(pieces);
  requireWellFormed(document);
  const nodes = readMarkup(document, "xml");
  if (!nodes.some((node) => node.kind === "element" && node.name === root)) {
    const description = `has no element <${root}> at its root`;
    throw new CarouselError("INVALID_ARGUMENT", `the document ${description}`, {
      violations: [{ field: "document", description }],
    });
  }
  let lead = "";
  for (const piece of walk(nodes, { languages, element })) {
    if (typeof piece === "string") lead += piece;
    else {
      yield { lead, ...piece };
      lead = "";
    }
  }
  return lead;
}

function* walk(nodes: readonly MarkupNode[], how: Pick<Dialect, "element"> & { languages: Languages }): Written {
  for (const node of nodes) {
    const own = node.kind === "element" ? how.element(node, how.languages) : undefined;
    if (own) yield* own;
    else if (node.kind !== "element") yield node.raw;
    else {
      yield node.open;
      yield* walk(node.children, how);
      yield node.close;
    }
  }
}

function translationUnit(unit: MarkupElement, languages: Languages): Written | undefined {
  if (unit.name !== "tu") return undefined;
  const variants = childrenOf(unit).filter(({ name }) => name === "tuv");
  const inLanguage = (language: string) =>
    variants.find((v) => isOf(v.attributes["xml:lang"] ?? v.attributes.lang, language));
  const source = inLanguage(languages.source);
  const segment = source && childrenOf(source).find(({ name }) => name === "seg");
  if (!segment) return undefined;
  const target = inLanguage(languages.target);
  const translated = { source: segmentContent(segment.children, languages), markup: "xml" as const };
  return (function* (): Written {
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
  })();
}

/** A variant as it was, its notes and properties too, with another segment. */
function* withSegment(variant: MarkupElement, translated: Omit<Unit, "lead">): Written {
  yield variant.close === "" ? variant.open.replace(/\s*\/>$/, ">") : variant.open;
  for (const node of variant.children) {
    if (node.kind !== "element" || node.name !== "seg") yield rawOf(node);
  }
  yield "<seg>";
  yield translated;
  yield `</seg>${variant.close || "</tuv>"}`;
}

function xliffElement(element: MarkupElement, languages: Languages): Written | undefined {
  if (element.name === "alt-trans" || element.attributes.translate === "no") return asItIs(element);
  if (element.name === "xliff" && element.attributes.srcLang && !element.attributes.trgLang) {
    return opened(element, { attribute: "trgLang", languages });
  }
  if (element.name === "file" && element.attributes["source-language"] && !element.attributes["target-language"]) {
    return opened(element, { attribute: "target-language", languages });
  }
  const source = childrenOf(element).find(({ name }) => name === "source");
  if (!source || (element.name !== "trans-unit" && element.name !== "segment")) return undefined;
  const target = childrenOf(element).find(({ name }) => name === "target");
  const translated = { source: segmentContent(source.children, languages), markup: "xml" as const };
  return (function* (): Written {
    yield element.open;
    for (const node of element.children) {
      if (node !== target) yield rawOf(node);
      if (node !== (target ?? source)) continue;
      yield target && target.close !== "" ? target.open : "<target>";
      yield translated;
      yield "</target>";
    }
    yield element.close;
  })();
}

function* asItIs(element: MarkupElement): Written {
  yield rawOf(element);
}

/** An element that says what the target language is, as a document with targets must. */
function* opened(
  element: MarkupElement,
  { attribute, languages }: { attribute: string; languages: Languages },
): Written {
  yield element.open.replace(/>$/, ` ${attribute}="${languages.target}">`);
  yield* walk(element.children, { languages, element: xliffElement });
  yield element.close;
}

function childrenOf({ children }: MarkupElement): MarkupElement[] {
  return children.filter((node) => node.kind === "element");
}

function isOf(tag: string | undefined, language: string): boolean {
  const primary = (of: string) => of.split("-")[0]?.toLowerCase();
  return tag !== undefined && primary(tag) === primary(language);
}
