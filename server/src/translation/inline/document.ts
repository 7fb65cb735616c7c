import type { Encode, InlineText } from "./span.js";

/** A document in pieces: what is written as it is, and texts to translate. */
export interface Document {
  readonly pieces: readonly (string | InlineText)[];
  /** Writes text between the markup. */
  readonly encode: Encode;
}
