import { BundleError } from "./bundle-error.js";

/** Which target tokens the words of a source may become: what a bundle's shortlist says. */
export interface Lexicon {
  /** Target ids that every sentence may choose, ascending. */
  readonly common: readonly number[];
  /** By source id: the target ids that it is likely to become, ascending. */
  readonly translations: readonly (readonly number[])[];
}

/**
 * A lexicon as the bytes of a file: the list of common ids, then a list for each source id. A list is its length, its first
 * id, and for each further id how much larger it is than the one before; all numbers unsigned LEB128.
 */
export function encodeLexicon({ common, translations }: Lexicon): Uint8Array {
  const bytes: number[] = [];
  for (const list of [common, ...translations]) {
    pushNumber(bytes, list.length);
    list.forEach((id, k) => void pushNumber(bytes, k === 0 ? id : id - list[k - 1]!));
  }
  return Uint8Array.from(bytes);
}

/** @throws BundleError when the bytes are no lexicon of these vocabularies */
export function decodeLexicon(
  bytes: Uint8Array,
  vocabulary: { readonly source: number; readonly target: number },
): Lexicon {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new BundleError("the shortlist is cut short");
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  const list = () => {
    let id = 0;
    const ids = Array.from({ length: number() }, () => {
      id += number();
      return id;
    });
    if (id < vocabulary.target) return ids;
    throw new BundleError(`the shortlist names token ${id}; the vocabulary has ${vocabulary.target}`);
  };
  const common = list();
  const translations = Array.from({ length: vocabulary.source }, list);
  if (at === bytes.length) return { common, translations };
  throw new BundleError(`the shortlist has more words than the ${vocabulary.source} of the source's vocabulary`);
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
