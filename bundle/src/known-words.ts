import { BundleError } from "./bundle-error.js";

/** Which words a model has seen in training. */
export interface KnownWords {
  /** @param word as `wordsIn` cuts it. True also of about one in 200 that it has not seen. */
  has(word: string): boolean;
}

export interface Word {
  /** In NFC, with the case that it is written in. */
  readonly word: string;
  /** Where it stands in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}

/**
 * The words of a text: runs of letters that have a case, and the marks on them. Scripts without case are no words here: who
 * writes without spaces does not say where a word ends, and "CDを" has "CD".
 */
export function* wordsIn(text: string): Generator<Word> {
  for (const { 0: written, index } of text.matchAll(/\p{LC}[\p{LC}\p{M}]*/gu)) {
    yield { word: written.normalize("NFC"), start: index, end: index + written.length };
  }
}

const FALSE_POSITIVES = 0.005;
/** Bits that a word sets, and all bits for each of them: the best for that many false positives. */
const HASHES = Math.round(-Math.log2(FALSE_POSITIVES));
const BITS_A_WORD = -Math.log2(FALSE_POSITIVES) / Math.LN2;
/** The number of bits, uint32 little-endian, and of those that a word sets, uint8. */
const HEADER = 5;

/** A Bloom filter (Bloom 1970) of words; its bytes are what a file has. */
export class WordFilter implements KnownWords {
  private readonly size: number;
  private readonly hashes: number;

  private constructor(readonly bytes: Uint8Array) {
    this.size = viewOf(bytes).getUint32(0, true);
    this.hashes = bytes[HEADER - 1]!;
  }

  /** The same bytes for the same words, in whatever order. */
  static of(words: Iterable<string>): WordFilter {
    const distinct = new Set(words);
    const size = Math.max(1, Math.ceil(distinct.size * BITS_A_WORD));
    const bytes = new Uint8Array(HEADER + Math.ceil(size / 8));
    viewOf(bytes).setUint32(0, size, true);
    bytes[HEADER - 1] = HASHES;
    const filter = new WordFilter(bytes);
    for (const word of distinct) filter.add(word);
    return filter;
  }

  /** @throws BundleError when the bytes are no filter, or not all of one */
  static parse(bytes: Uint8Array): WordFilter {
    if (bytes.length < HEADER) throw new BundleError("the known words are cut short");
    const filter = new WordFilter(bytes);
    const expected = HEADER + Math.ceil(filter.size / 8);
    if (bytes.length !== expected) {
      throw new BundleError(
        `the known words have ${bytes.length} bytes; with ${filter.size} bits they have ${expected}`,
      );
    }
    if (filter.size > 0 && filter.hashes > 0) return filter;
    throw new BundleError(
      `the known words have ${filter.size} bits and ${filter.hashes} a word: both must be positive`,
    );
  }

  has(word: string): boolean {
    const hash = hashOf(word);
    for (let k = 0; k < this.hashes; k++) {
      const bit = this.bitOf(hash, k);
      if (!(this.bytes[HEADER + (bit >>> 3)]! & (1 << (bit & 7)))) return false;
    }
    return true;
  }

  private add(word: string): void {
    const hash = hashOf(word);
    for (let k = 0; k < this.hashes; k++) {
      const bit = this.bitOf(hash, k);
      this.bytes[HEADER + (bit >>> 3)]! |= 1 << (bit & 7);
    }
  }

  private bitOf(hash: number, k: number): number {
    return mixed(hash + Math.imul(k, 0x9e3779b9)) % this.size;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < word.length; k++) hash = Math.imul(hash ^ word.charCodeAt(k), 0x01000193);
  return hash;
}

/** The last step of MurmurHash3: every bit of the result depends on all, 0 to 2³² − 1. */
function mixed(hash: number): number {
  let mix = hash | 0;
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}
