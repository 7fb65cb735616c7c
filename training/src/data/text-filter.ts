import { type LeftOut, withoutFaults } from "./left-out.js";
import type { ParallelText } from "./parallel.js";

/** What makes a pair of sentences unfit to learn from, as text. */
export interface TextFilter {
  /** Leaves out a pair that has come before, letter for letter; the first of them stays. */
  readonly deduplicate: boolean;
  readonly filter: {
    /** Leaves out a pair whose sides are the same: text that nobody translated. */
    readonly dropIdentical: boolean;
    /** Most characters of the longer side by those of the shorter. */
    readonly maxCharacterRatio?: number | undefined;
    /** Least share of letters among the characters of each side, spaces left aside. */
    readonly minLetterShare: number;
  };
}

interface SentencePair {
  readonly source: string;
  readonly target: string;
}

/** Cleans a corpus (as Bicleaner's hard rules and the Moses corpus cleaner do) before anything is learned from it. */
export function filterText(text: ParallelText, options: TextFilter): { text: ParallelText; leftOut: LeftOut } {
  const pairs = text.source.map((source, i) => ({ source, target: text.target[i]! }));
  const seen = new Set<string>();
  const { kept, leftOut } = withoutFaults(pairs, (pair) => {
    if (options.deduplicate && isRepeated(pair, seen)) return "duplicates";
    return faultOf(pair, options.filter);
  });
  return { text: { source: kept.map((p) => p.source), target: kept.map((p) => p.target) }, leftOut };
}

function isRepeated({ source, target }: SentencePair, seen: Set<string>): boolean {
  const before = seen.size;
  seen.add(`${source}\n${target}`);
  return seen.size === before;
}

function faultOf({ source, target }: SentencePair, filter: TextFilter["filter"]): string | undefined {
  const { dropIdentical, maxCharacterRatio, minLetterShare } = filter;
  if (dropIdentical && source.trim() === target.trim()) return "with identical sides";
  if (maxCharacterRatio !== undefined && characterRatio(source, target) > maxCharacterRatio) {
    return "over filter.maxCharacterRatio";
  }
  if (Math.min(letterShare(source), letterShare(target)) < minLetterShare) return "under filter.minLetterShare";
  return undefined;
}

/** Of an empty side ∞; of two, which say nothing of each other, NaN. */
function characterRatio(a: string, b: string): number {
  const [shorter, longer] = [characters(a), characters(b)].sort((x, y) => x - y);
  return longer! / shorter!;
}

function letterShare(text: string): number {
  const all = characters(text);
  return all === 0 ? 0 : (text.match(/[\p{L}\p{M}]/gu)?.length ?? 0) / all;
}

function characters(text: string): number {
  return text.match(/\S/gu)?.length ?? 0;
}
