import { DataError } from "./data-error.js";
import { type LeftOut, withoutFaults } from "./left-out.js";
import { readLines } from "./text.js";

/** Sentences and their translations, aligned by index. */
export interface ParallelText {
  readonly source: readonly string[];
  readonly target: readonly string[];
}

/** Reads two files of one sentence a line. Throws DataError when one is missing, empty, not UTF-8, or they do not align. */
export async function readParallel(paths: { source: string; target: string }): Promise<ParallelText> {
  const [source, target] = await readAligned(paths.source, paths.target);
  return { source, target };
}

/** Reads files of as many lines each. Throws DataError as readParallel does. */
export async function readAligned<const Paths extends readonly [string, ...string[]]>(
  ...paths: Paths
): Promise<{ [K in keyof Paths]: string[] }> {
  const texts: string[][] = [];
  // one after the other: of two faults the first is always that of the source
  for (const path of paths) texts.push(await readLines(path));
  const [{ length }] = texts as [string[]];
  const other = texts.findIndex((lines) => lines.length !== length);
  if (other >= 0) {
    throw new DataError(
      `${paths[0]} has ${length} lines but ${paths[other]} has ${texts[other]!.length}: they must align line by line`,
    );
  }
  if (length === 0) throw new DataError(`${paths[0]} is empty`);
  return texts as { [K in keyof Paths]: string[] };
}

/** Two sides of a training pair as token ids; bos and eos are not among them. */
export interface TokenPair {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

export interface LengthFilter {
  /** Tokens on either side. */
  readonly maxLength: number;
  /** Tokens of the longer side by tokens of the shorter. */
  readonly maxRatio: number;
}

/** Leaves out pairs with an empty side, a side that is too long, or sides of very different length. */
export function filterPairs(
  pairs: readonly TokenPair[],
  { maxLength, maxRatio }: LengthFilter,
): { kept: TokenPair[]; leftOut: LeftOut } {
  return withoutFaults(pairs, ({ source, target }) => {
    const [shorter, longer] = [Math.min(source.length, target.length), Math.max(source.length, target.length)];
    if (shorter === 0) return "with an empty side";
    if (longer > maxLength) return "over maxLength";
    return longer > shorter * maxRatio ? "over maxRatio" : undefined;
  });
}
