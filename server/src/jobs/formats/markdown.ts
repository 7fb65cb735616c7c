import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { InlineBuilder } from "../../translation/inline/builder.js";
import type { Languages } from "../../translation/inline/placeholders.js";
import type { InlineText } from "../../translation/inline/span.js";
import { encodeMarkdown } from "./encode-markdown.js";
import { wholeOf } from "./text.js";
import type { CutDocument } from "./unit.js";

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

/** CommonMark with GitHub's tables: code, addresses, markup and front matter stay; paragraphs, headings and cells are texts. Held in memory. */
export const cutMarkdown: CutDocument = async function* (pieces, languages) {
  const document = await wholeOf(pieces);
  const matter = FRONT_MATTER.exec(document)?.[0] ?? "";
  // blanks in its place: what is behind it stands where it stood
  const tree = fromMarkdown(`${matter.replace(/[^\r\n]/g, " ")}${document.slice(matter.length)}`, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  }) as Node;
  let from = 0;
  for (const block of texts(tree)) {
    const { start, end } = inside(block);
    yield { lead: document.slice(from, start), source: inlineOf(block, { document, languages }), markup: "markdown" };
    from = end;
  }
  return document.slice(from);
};

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
