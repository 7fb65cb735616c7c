import { BundleError } from "./bundle-error.js";
import { fmix32 } from "./murmur.js";

/** Which words a model has seen in training. */
export interface KnownWords {
  /**
   * True also of about one in 200 that it has not seen.
   * @param word as `wordsIn` cuts it; one that begins a sentence may be known in lower case only
   */
  has(word: string): boolean;
}

export interface Word {
  /** In NFC, with the case that it is written in; katakana and Han in NFKC. */
  readonly word: string;
  /** Where it stands in the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}

/** Letters that have a case and the marks on them; katakana, also of half width, two at least; Han. */
const WORD = /(?<cased>\p{LC}[\p{LC}\p{M}]*)|[ァ-ヺｦ-ﾝ][ァ-ヺーｦ-ﾟ\u3099\u309a]+|[\p{sc=Han}々]+/gu;

/**
 * The words of a text: runs of letters that have a case and of the marks on them, of katakana, and of Han. Other letters without
 * case are no words here: who writes without spaces does not say where a word ends, and "CDを" has "CD".
 */
export function* wordsIn(text: string): Generator<Word> {
  for (const { 0: written, index, groups } of text.matchAll(WORD)) {
    const word = written.normalize(groups!.cased === undefined ? "NFKC" : "NFC");
    yield { word, start: index, end: index + written.length };
  }
}

/** Those whose letters have a case. */
export function* casedWordsIn(text: string): Generator<Word> {
  for (const word of wordsIn(text)) if (/^\p{LC}/u.test(word.word)) yield word;
}

const FALSE_POSITIVES = 0.005;
/** Bits that a word sets, and all bits for each of them: the best for that many false positives. */
const HASHES = Math.round(-Math.log2(FALSE_POSITIVES));
const BITS_A_WORD = -Math.log2(FALSE_POSITIVES) / Math.LN2;
/** In fewer bits the share of false positives strays. */
const LEAST_BITS = 512;
/** The number of bits, uint32 little-endian, and of those that a word sets, uint8. */
const HEADER = 5;

/** Bloom filters (Bloom 1970) of words, one behind another: a word is known that one of them has. The bytes are what a file has. */
export class WordFilter implements KnownWords {
  private readonly filters: readonly Filter[];

  private constructor(readonly bytes: Uint8Array) {
    const filters: Filter[] = [];
    for (let at = 0; at < bytes.length; at += filters.at(-1)!.bytes.length) filters.push(Filter.at(bytes, at));
    this.filters = filters;
  }

  /** The same bytes for the same words, in whatever order. */
  static of(words: Iterable<string>): WordFilter {
    return new WordFilter(Filter.of(new Set(words)).bytes);
  }

  /** @throws BundleError when the bytes are no filters, or not all of one */
  static parse(bytes: Uint8Array): WordFilter {
    if (bytes.length === 0) throw new BundleError("the known words are cut short");
    return new WordFilter(bytes);
  }

  /** That of these words too. Each further filter has its own share of words that nobody has seen. */
  with(words: Iterable<string>): WordFilter {
    const others = new Set(Array.from(words).filter((word) => !this.has(word)));
    if (others.size === 0) return this;
    return new WordFilter(Uint8Array.of(...this.bytes, ...Filter.of(others).bytes));
  }

  has(word: string): boolean {
    const hash = hashOf(word);
    return this.filters.some((filter) => filter.has(hash));
  }
}

/** One filter, in bytes of which the first say how it is made. */
class Filter {
  private readonly size: number;
  private readonly hashes: number;

  private constructor(readonly bytes: Uint8Array) {
    this.size = viewOf(bytes).getUint32(0, true);
    this.hashes = bytes[HEADER - 1]!;
  }

  static of(words: ReadonlySet<string>): Filter {
    const size = Math.max(LEAST_BITS, Math.ceil(words.size * BITS_A_WORD));
    const bytes = new Uint8Array(lengthOf(size));
    viewOf(bytes).setUint32(0, size, true);
    bytes[HEADER - 1] = HASHES;
    const filter = new Filter(bytes);
    for (const word of words) filter.add(hashOf(word));
    return filter;
  }

  static at(bytes: Uint8Array, start: number): Filter {
    const rest = bytes.subarray(start);
    const length = rest.length < HEADER ? HEADER : lengthOf(viewOf(rest).getUint32(0, true));
    if (rest.length < length)
      throw new BundleError(`the known words are cut short: ${length - rest.length} bytes are missing`);
    const filter = new Filter(rest.subarray(0, length));
    if (filter.size > 0 && filter.hashes > 0) return filter;
    throw new BundleError(`the known words have ${filter.size} bits, and ${filter.hashes} a word: neither may be 0`);
  }

  has(hash: number): boolean {
    for (let k = 0; k < this.hashes; k++) {
      const bit = this.bitOf(hash, k);
      if (!(this.bytes[HEADER + (bit >>> 3)]! & (1 << (bit & 7)))) return false;
    }
    return true;
  }

  private add(hash: number): void {
    for (let k = 0; k < this.hashes; k++) {
      const bit = this.bitOf(hash, k);
      this.bytes[HEADER + (bit >>> 3)]! |= 1 << (bit & 7);
    }
  }

  private bitOf(hash: number, k: number): number {
    return fmix32(hash + Math.imul(k, 0x9e3779b9)) % this.size;
  }
}

function lengthOf(size: number): number {
  return HEADER + Math.ceil(size / 8);
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
