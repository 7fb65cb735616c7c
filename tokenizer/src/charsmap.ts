import { doubleArray } from "./double-array.js";

const LAST_CODE_POINT = 0x10ffff;
/** Combining marks, and what else decomposes to them. */
const TWINS = [
  ["\u0300", "\u0340"],
  ["\u0301", "\u0341"],
  ["\u0308\u0301", "\u0344"],
] as const;

/**
 * NFKC as SentencePiece's precompiled map: byte length of a trie (uint32, little-endian), the trie (see double-array.ts)
 * from source string to an offset, and the normalized strings, each ended by a zero byte. The longest match wins.
 *
 * The map holds every character that NFKC changes, every sequence that composes to one character, and turns white space
 * and line breaks into the space.
 */
export function nfkcCharsmap(): Uint8Array {
  made ??= makeNfkcCharsmap();
  return made;
}

let made: Uint8Array | undefined;

function makeNfkcCharsmap(): Uint8Array {
  const encoder = new TextEncoder();
  const offsets = new Map<string, number>();
  const strings: Uint8Array[] = [];
  let length = 0;
  const keys = [...nfkcMappings()].map(([source, target]) => {
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

function nfkcMappings(): Map<string, string> {
  const mappings = new Map<string, string>();
  const add = (source: string) => {
    const target = foldWhitespace(source.normalize("NFKC"));
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

function foldWhitespace(text: string): string {
  return text.replace(/[\t\n\v\f\r\u0085\u2028\u2029]/g, " ");
}

/** What SentencePiece makes of a text with this map: NFKC, runs of white space as one space, none at the ends. */
export function normalizeNfkc(text: string): string {
  return foldWhitespace(text.normalize("NFKC")).replace(/ +/g, " ").replace(/^ | $/g, "");
}
