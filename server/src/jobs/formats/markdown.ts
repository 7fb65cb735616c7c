import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import type { Languages } from "../../languages.js";
import { InlineBuilder } from "../../translation/inline/builder.js";
import type { InlineText } from "../../translation/inline/span.js";
import { encodeMarkdown } from "./encode-markdown.js";
import { wholeOf } from "./text.js";
import type { CutDocument, Unit } from "./unit.js";

/** A node of a syntax tree of Markdown (mdast), as far as it matters here. */
interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
  readonly position?: { readonly start: { readonly offset?: number }; readonly end: { readonly offset?: number } };
}

/** Blocks whose content is text with emphasis, links and the like. */
const TEXTS = new Set(["paragraph", "heading", "tableCell"]);
/** Words of a sentence that are not looked into. */
const OPAQUE = new Set(["inlineCode", "image", "imageReference", "footnoteReference"]);

/** Metadata in front of a document, in YAML. */
const FRONT_MATTER = /^---[ \t]*\r?\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;

/** Characters that are parsed at once: a syntax tree takes hundreds of bytes for each. */
const STRETCH = 2 ** 12;

/** CommonMark with GitHub's tables: code, addresses, markup and front matter stay; paragraphs, headings and cells are texts. Held in memory. */
export const cutMarkdown: CutDocument = (pieces, languages) => cutByStretches(pieces, languages, STRETCH);

/** @param stretch characters that are parsed at once, where there are so many beside whole blocks */
export async function* cutByStretches(
  pieces: AsyncIterable<string>,
  languages: Languages,
  stretch: number,
): AsyncGenerator<Unit, string> {
  const document = await wholeOf(pieces);
  const from = FRONT_MATTER.exec(document)?.[0].length ?? 0;
  const definitions = document.includes("]:") ? definitionsOf(document, { from, stretch }) : "";
  let lead = document.slice(0, from);
  for (const { text, blocks } of stretches(document, { from, stretch, definitions })) {
    let behind = definitions.length;
    for (const block of blocks.flatMap((node) => [...texts(node)])) {
      const { start, end } = inside(block);
      const source = inlineOf(block, { document: text, languages });
      yield { lead: lead + text.slice(behind, start), source, markup: "markdown" };
      [lead, behind] = ["", end];
    }
    lead += text.slice(behind);
  }
  return lead;
}

/** A part of a document that begins and ends between two blocks of it. */
interface Stretch {
  /** The definitions, and the part. */
  readonly text: string;
  /** Those of the part; their places are in `text`. */
  readonly blocks: readonly Node[];
}

interface Stretching {
  readonly from: number;
  readonly stretch: number;
  readonly definitions: string;
}

/** What stands before a blank line and a new block is whole, and what follows is read as if it began the document. */
function* stretches(document: string, { from, stretch, definitions }: Stretching): Generator<Stretch, void> {
  const least = Math.max(stretch, 4 * definitions.length);
  let size = least;
  for (let start = from; start < document.length; ) {
    const end = lineEnd(document, start + size);
    const text = definitions + document.slice(start, end);
    const blocks = parsed(text).filter((node) => place(node).start >= definitions.length);
    const whole = end < document.length ? wholeBlocks(blocks, text) : blocks.length;
    if (whole === 0 && end < document.length) size *= 2;
    else {
      const length = whole < blocks.length ? lineStart(text, place(blocks[whole]!).start) : text.length;
      yield { text: text.slice(0, length), blocks: blocks.slice(0, whole) };
      start += length - definitions.length;
      size = least;
    }
  }
}

/** How many blocks there are before the last that nothing can make a part of the one before it. */
function wholeBlocks(blocks: readonly Node[], text: string): number {
  return Math.max(
    0,
    blocks.findLastIndex((block) => {
      const { start } = place(block);
      return (block.type === "heading" && text[start] === "#") || isBehindBlankLine(text, lineStart(text, start));
    }),
  );
}

/** @param line where a line begins */
function isBehindBlankLine(text: string, line: number): boolean {
  const end = text.startsWith("\r\n", line - 2) ? line - 2 : line - 1;
  return end >= 0 && text.slice(lineStart(text, end), end).trim() === "";
}

function parsed(text: string): readonly Node[] {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }) as Node;
  return tree.children ?? [];
}

/** What makes `[a]` a link and `[^1]` a footnote anywhere in the document, as a text that ends every block. */
function definitionsOf(document: string, where: Omit<Stretching, "definitions">): string {
  const definitions: string[] = [];
  const collect = (node: Node, text: string): void => {
    const isDefinition = node.type === "definition" || node.type === "footnoteDefinition";
    const label = isDefinition && /^\[(?:\\[\s\S]|[^\]\\])*\]:/.exec(text.slice(place(node).start))?.[0];
    if (label) definitions.push(`${label} x`);
    for (const child of node.children ?? []) collect(child, text);
  };
  for (const { text, blocks } of stretches(document, { ...where, definitions: "" })) {
    for (const block of blocks) collect(block, text);
  }
  return definitions.length > 0 ? `${[...new Set(definitions)].join("\n\n")}\n\n<!---->\n\n` : "";
}

/** Where the line of a place begins. */
function lineStart(text: string, at: number): number {
  return Math.max(text.lastIndexOf("\n", at - 1), text.lastIndexOf("\r", at - 1)) + 1;
}

/** Behind the line of a place. */
function lineEnd(text: string, at: number): number {
  return at >= text.length ? text.length : text.indexOf("\n", at) + 1 || text.length;
}

function* texts(node: Node): Generator<Node> {
  if (TEXTS.has(node.type) && hasWords(node)) yield node;
  else for (const child of node.children ?? []) yield* texts(child);
}

function hasWords({ type, value, children }: Node): boolean {
  return (type === "text" && /\p{L}/u.test(value!)) || (children?.some(hasWords) ?? false);
}

/** From the first character of a node's first child to the last of its last. */
function inside({ children = [] }: Node): { start: number; end: number } {
  return { start: place(children[0]!).start, end: place(children.at(-1)!).end };
}

function place({ position }: Node): { start: number; end: number } {
  return { start: position!.start.offset!, end: position!.end.offset! };
}

function inlineOf(block: Node, { document, languages }: { document: string; languages: Languages }): InlineText {
  const builder = new InlineBuilder({ words: wordsOf(block), languages, encode: encodeMarkdown });
  const raw = (node: Node) => document.slice(place(node).start, place(node).end);
  const add = (node: Node): void => {
    if (node.type === "text") builder.words(node.value!.replace(/\s*\n\s*/g, " "));
    else if (OPAQUE.has(node.type)) builder.opaque(raw(node));
    else if (!node.children?.length) builder.empty(raw(node).replace(/\n[\s>]*$/, "\n"));
    else if (isAddress(node)) builder.opaque(raw(node));
    else {
      const [outer, inner] = [place(node), inside(node)];
      builder.around({
        before: document.slice(outer.start, inner.start),
        after: document.slice(inner.end, outer.end),
        inside: () => node.children?.forEach(add),
      });
    }
  };
  block.children?.forEach(add);
  return builder.build();
}

/** A link that is its own text. */
function isAddress(node: Node): boolean {
  const [only] = node.children ?? [];
  if (node.type !== "link" || only?.type !== "text") return false;
  const { start, end } = place(node);
  return place(only).start - start <= 1 && end - place(only).end <= 1;
}

function wordsOf({ value, children }: Node): string {
  return value ?? (children ?? []).map(wordsOf).join("");
}
