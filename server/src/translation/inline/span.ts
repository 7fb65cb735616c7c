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
  readonly instead?: Instead;
}

export interface Instead {
  readonly text: string;
  readonly standIn: StandIn;
  /** What is written where nothing is translated, when that is not the same. */
  readonly untranslated?: string;
  /** What is written in place of forms of the stand-in, when that is not the same: its plural. */
  readonly inflected?: Readonly<Record<string, string>>;
}

/** A word that is translated in place of a placeholder. */
export interface StandIn {
  /** How translations may write it. */
  readonly forms: readonly string[];
  /** Whether the text has no such word: where the model wrote it once too often, it is taken out; a number or name is written again. */
  readonly foreign: boolean;
  /** Of a number what it stands for, without a unit: another number in its place was meant for it. */
  readonly number?: string;
  /** The name that it stands for: where the text has it several times, a translation need not. */
  readonly name?: string;
}

/** A text with what stands in it. */
export interface InlineText {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** Writes text into the document's format: markup characters as entities, say. */
export type Encode = (text: string) => string;
