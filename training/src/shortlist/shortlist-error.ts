/** A bundle that cannot be given a shortlist, or a text that none can be learned from. The message is one line. */
export class ShortlistError extends Error {
  override readonly name = "ShortlistError";
}
