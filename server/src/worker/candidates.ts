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
  const all = new Set([...common, ...forced]);
  for (const word of source) for (const id of translations[word]!) all.add(id);
  return Int32Array.from(all).sort();
}
