import { charsmapOf } from "./charsmap.js";
import { normalizerNameOf, withNormalizer } from "./model-proto.js";

/**
 * A SentencePiece model that folds text as nfkc does, as one that does as nfkc_typed: its pieces and their ids stay. Any other as it is.
 * @throws TokenizerError when the bytes are no SentencePiece model
 */
export function asTyped(bytes: Uint8Array): Uint8Array {
  if (normalizerNameOf(bytes) !== "nfkc") return bytes;
  return withNormalizer(bytes, { name: "nfkc_typed", charsmap: charsmapOf("nfkc_typed") });
}
