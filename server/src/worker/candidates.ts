import type { Lexicon } from "@carousel/bundle";

/**
 * The tokens that the translation of a source may be made of, ascending: those that any may, those that its own words become,
 * and those it must begin with. They depend on nothing else, batch mates the least.
 * @param source ids with eos
 * @param forced ids that are given
 */
export function candidatesOf(
  { common, translations }: Lexicon,
  { source, forced }: { source: readonly number[]; forced: readonly number[] },
): Int32Array {
  const lists = [common, forced, ...source.map((word) => translations[word]!)];
  const listed = new Uint8Array(1 + Math.max(-1, ...lists.map((list) => Math.max(...list))));
  let count = 0;
  for (const list of lists) {
    for (const id of list) {
      count += 1 - listed[id]!;
      listed[id] = 1;
    }
  }
  const candidates = new Int32Array(count);
  for (let id = 0, at = 0; id < listed.length; id++) if (listed[id] === 1) candidates[at++] = id;
  return candidates;
}
