/** A piece of HTML or SVG; whatever came into it as text is escaped. */
export class Markup {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

export type Part = Markup | string | number | undefined | readonly Part[];

/** Markup written as a template; strings put into it are escaped, for content and quoted attributes alike. */
export function markup(literals: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(literals.map((literal, k) => literal + (k < parts.length ? render(parts[k]) : "")).join(""));
}

/** Text that is markup already: style sheets and scripts of this package. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.toString();
  if (typeof part === "object") return part.map(render).join("");
  return escaped(String(part));
}

/** Control characters have no place in XML, not even as references. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(CONTROL, "\ufffd").replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}
