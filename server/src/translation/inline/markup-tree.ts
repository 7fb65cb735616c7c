import { Parser } from "htmlparser2";

/** A piece of an HTML or XML document; what is written of it, put together, is the document. */
export type MarkupNode = MarkupText | MarkupElement | { readonly kind: "other"; readonly raw: string };

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

type Growing = { -readonly [K in keyof MarkupElement]: MarkupElement[K] } & { children: MarkupNode[] };

/** Elements of HTML whose end tag may be left out. */
const END_IS_OPTIONAL = new Set(
  "html head body p li dt dd option optgroup tr td th thead tbody tfoot colgroup caption rt rp".split(" "),
);

/**
 * Reads markup without changing a letter of it, except that HTML gets the end tags that it lacks and loses those that end
 * nothing.
 */
export function readMarkup(document: string, format: "html" | "xml"): MarkupNode[] {
  const root: MarkupNode[] = [];
  const stack: Growing[] = [];
  const here = () => stack.at(-1)?.children ?? root;
  let covered = 0;
  const raw = () => {
    const text = document.slice(Math.max(covered, parser.startIndex), parser.endIndex + 1);
    covered = Math.max(covered, parser.endIndex + 1);
    return text;
  };
  const addText = (text: string, raw: string) => {
    const last = here().at(-1);
    if (last?.kind === "text")
      here()[here().length - 1] = { kind: "text", text: last.text + text, raw: last.raw + raw };
    else here().push({ kind: "text", text, raw });
  };
  const addOther = () => {
    const other = { kind: "other", raw: raw() } as const;
    if (other.raw !== "") here().push(other);
  };
  let inData = false;
  const parser: Parser = new Parser(
    {
      onopentag(name, attributes, implied) {
        const element: Growing = {
          kind: "element",
          name,
          attributes,
          open: implied ? "" : raw(),
          children: [],
          close: "",
        };
        here().push(element);
        stack.push(element);
      },
      onclosetag(name, implied) {
        const element = stack.pop()!;
        const endTag = implied ? "" : raw();
        if (element.open === "") return; // of HTML's rules for a stray end tag
        element.close = implied && isUnended(element, name, format) ? `</${name}>` : endTag;
      },
      ontext(text) {
        if (inData) addOther();
        else addText(text, raw());
      },
      oncdatastart() {
        inData = true;
      },
      oncdataend() {
        inData = false;
        addOther();
      },
      oncomment: () => void addOther(),
      onprocessinginstruction: () => void addOther(),
    },
    { xmlMode: format === "xml", decodeEntities: true, recognizeSelfClosing: format === "xml" },
  );
  parser.end(document);
  return root;
}

/** HTML elements without an end tag of their own, and content. */
const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));

function isUnended({ open }: MarkupElement, name: string, format: "html" | "xml"): boolean {
  return format === "html" && !VOID.has(name) && !END_IS_OPTIONAL.has(name) && !open.endsWith("/>");
}
