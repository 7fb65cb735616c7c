import type { Languages } from "../../languages.js";
import { Protector } from "./placeholders.js";
import type { Encode, InlineText, Span } from "./span.js";

/** Puts a text with tags together from its pieces, in order. */
export class InlineBuilder {
  private text = "";
  private spans: Span[] = [];
  private readonly protector: Protector;

  /** @param options.words all text that is going to be added, or stands in the translation: names that stand in it are not used as stand-ins */
  constructor(options: { words: string; languages: Languages; encode: Encode }) {
    const { words: text, ...rest } = options;
    this.protector = new Protector({ text, ...rest });
  }

  /** Text to translate; placeholders in it are kept. */
  words(text: string): void {
    this.append(this.protector.protect(text));
  }

  /** Markup that is a word of the sentence but not looked into. */
  opaque(markup: string): void {
    this.append(this.protector.opaque(markup));
  }

  /** A tag that holds nothing. */
  empty(markup: string): void {
    const at = this.text.length;
    this.spans.push({ start: at, end: at, before: markup, after: "", children: [] });
  }

  /** A tag around what `inside` adds. */
  around({ before, after, inside }: { before: string; after: string; inside: () => void }): void {
    const outer = this.spans;
    const start = this.text.length;
    this.spans = [];
    inside();
    outer.push({ start, end: this.text.length, before, after, children: this.spans });
    this.spans = outer;
  }

  build(): InlineText {
    return { text: this.text, spans: this.spans };
  }

  private append(part: InlineText): void {
    const at = this.text.length;
    for (const span of part.spans) this.spans.push({ ...span, start: span.start + at, end: span.end + at });
    this.text += part.text;
  }
}
