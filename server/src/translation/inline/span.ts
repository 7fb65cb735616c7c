/** Something that stands inside a text that is translated: a tag with what is between it and its end, or a placeholder. */
export interface Span {
  /** Characters (UTF-16 units) of the text that it holds; start = end for what holds none. */
  readonly start: number;
  readonly end: number;
  /** Written in front of what it holds, letter for letter. */
  readonly before: string;
  /** Written behind it. */
  readonly after: string;
  /** In the order of the text; they do not overlap. */
  readonly children: readonly Span[];
  /** Written, letter for letter, in place of what it holds: a stand-in that is translated for it. */
  readonly instead?: { readonly text: string; readonly standIn: StandIn };
}

/** A word that is translated in place of a placeholder. */
export interface StandIn {
  /** How translations may write it. */
  readonly forms: readonly string[];
  /** Whether the model may have made it up where there is none: then it is taken out. */
  readonly foreign: boolean;
}

/** A text with what stands in it. */
export interface InlineText {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** Writes text into the document's format: markup characters as entities, say. */
export type Encode = (text: string) => string;
