import { doubleArray } from "./double-array.js";

const LAST_CODE_POINT = 0x10ffff;
/** Combining marks, and what else decomposes to them. */
const TWINS = [
  ["\u0300", "\u0340"],
  ["\u0301", "\u0341"],
  ["\u0308\u0301", "\u0344"],
] as const;

/**
 * What becomes of a text before it is cut into pieces. nfkc: characters that look alike are one (Unicode's NFKC), white space is the space.
 * nfkc_typed: besides, apostrophes, quotation marks and dashes as printers set them, and word processors and telephones write them, are those
 * of a keyboard, and characters that nobody sees go: what corpora hardly have. identity: nothing.
 */
export type Normalization = "nfkc" | "nfkc_typed" | "identity";
type Folding = Exclude<Normalization, "identity">;

/** As a keyboard has them. */
const TYPED: readonly (readonly [marks: string, typed: string])[] = [
  ["\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc", "'"],
  ["\u201c\u201d\u201e\u201f\u2033", '"'],
  ["\u2010\u2011\u2012\u2013\u2212", "-"],
  ["\u2014\u2015", " - "],
  // soft hyphen, zero-width space and no-break space, word joiner
  ["\u00ad\u200b\ufeff\u2060", ""],
  // marks of direction
  ["\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""],
];
const TYPED_OF = new Map(TYPED.flatMap(([marks, typed]) => [...marks].map((mark) => [mark, typed] as const)));
const MARK = new RegExp(`[${[...TYPED_OF.keys()].join("")}]`, "gu");

const charsmaps = new Map<Folding, Uint8Array>();

/**
 * A normalization as SentencePiece's precompiled map: byte length of a trie (uint32, little-endian), the trie (see double-array.ts)
 * from source string to an offset, and the normalized strings, each ended by a zero byte. The longest match wins.
 *
 * The map holds every character that it changes, every sequence that composes to one character, and turns white space
 * and line breaks into the space.
 */
export function charsmapOf(normalization: Folding): Uint8Array {
  const made = charsmaps.get(normalization) ?? makeCharsmap(normalization);
  charsmaps.set(normalization, made);
  return made;
}

function makeCharsmap(normalization: Folding): Uint8Array {
  const encoder = new TextEncoder();
  const offsets = new Map<string, number>();
  const strings: Uint8Array[] = [];
  let length = 0;
  const keys = [...mappingsOf(normalization)].map(([source, target]) => {
    if (!offsets.has(target)) {
      const bytes = encoder.encode(`${target}\0`);
      offsets.set(target, length);
      strings.push(bytes);
      length += bytes.length;
    }
    return { key: encoder.encode(source), value: offsets.get(target)! };
  });
  const trie = doubleArray(keys);
  const map = new Uint8Array(4 + trie.byteLength + length);
  new DataView(map.buffer).setUint32(0, trie.byteLength, true);
  map.set(new Uint8Array(trie.buffer), 4);
  let at = 4 + trie.byteLength;
  for (const bytes of strings) {
    map.set(bytes, at);
    at += bytes.length;
  }
  return map;
}

function mappingsOf(normalization: Folding): Map<string, string> {
  const mappings = new Map<string, string>();
  const add = (source: string) => {
    const target = folded(source, normalization);
    if (target !== source) mappings.set(source, target);
  };
  for (let code = 1; code <= LAST_CODE_POINT; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    add(character);
    // the long tail of Hangul syllables is composed from letters that no Korean text spells out
    if (code >= 0xac00 && code <= 0xd7a3) continue;
    const decomposed = character.normalize("NFD");
    if (decomposed === character) continue;
    add(decomposed);
    // these marks are other marks by another name
    for (const [mark, twin] of TWINS) add(decomposed.replaceAll(mark, twin));
    const [base, ...marks] = [...decomposed];
    if (marks.length > 1) add(`${(base! + marks[0]).normalize("NFC")}${marks.slice(1).join("")}`);
  }
  for (let kana = 0xff66; kana <= 0xff9d; kana++) {
    // half-width kana carry their voicing marks as characters of their own
    for (const mark of ["\uff9e", "\uff9f"]) add(String.fromCodePoint(kana) + mark);
  }
  return mappings;
}

function folded(text: string, normalization: Folding): string {
  const composed = normalization === "nfkc" ? text.normalize("NFKC") : typed(typed(text).normalize("NFKC"));
  return composed.replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, " ");
}

/** NFKC makes two characters of some of these, and some of others. */
function typed(text: string): string {
  return text.replace(MARK, (mark) => TYPED_OF.get(mark)!);
}

/** What SentencePiece makes of a text with this map: besides, runs of white space as one space, none at the ends. */
export function normalized(text: string, normalization: Folding): string {
  return folded(text, normalization).replace(/ +/g, " ").replace(/^ | $/g, "");
}
