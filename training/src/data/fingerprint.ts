import { createHash } from "node:crypto";

/** SHA-256 of sequences of tokens, in their order: two texts have the same when every token is the same. */
export function fingerprint(sequences: Iterable<ArrayLike<number>>): string {
  const hash = createHash("sha256");
  for (const ids of sequences) hash.update(Int32Array.of(ids.length)).update(Int32Array.from(ids));
  return hash.digest("hex");
}
