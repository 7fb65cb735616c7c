import type { TokenizerOptions, TranslationRecipe } from "../recipe/index.js";
import { DataError } from "./data-error.js";
import type { LeftOut } from "./left-out.js";
import { type ParallelText, readParallel } from "./parallel.js";
import { pathIn } from "./text.js";
import { filterText } from "./text-filter.js";
import type { Tokenizer } from "./tokenizers.js";
import { unpunctuated } from "./unpunctuated.js";

type TranslationData = TranslationRecipe["data"];

/**
 * The training split and, behind it, the recipe's extra pairs: distilled or back-translated text, say. Each part is
 * cleaned by itself, so that a pair a teacher wrote as the split has it stays in both; then it is tagged and repeated.
 * Throws DataError.
 * @returns own: what there is of the split itself
 */
export async function withExtraPairs(
  split: ParallelText,
  data: TranslationData,
): Promise<{ text: ParallelText; own: ParallelText; leftOut: LeftOut }> {
  const own = filterText(split, data);
  const parts = [own];
  for (const { source, target, repeat, tag, punctuation, case: letters } of data.extra) {
    const read = await readParallel({ source: pathIn(data.folder, source), target: pathIn(data.folder, target) });
    const { text, leftOut } = filterText(read, data);
    const ended = punctuation === "dropped" ? unpunctuated(text) : text;
    const written = letters === "lower" ? lowerCased(ended) : ended;
    parts.push({ text: repeated(tag === undefined ? written : tagged(written, tag), repeat), leftOut });
  }
  const text = {
    source: parts.flatMap((part) => part.text.source),
    target: parts.flatMap((part) => part.text.target),
  };
  return { text, own: own.text, leftOut: summed(parts.map((part) => part.leftOut)) };
}

function lowerCased({ source, target }: ParallelText): ParallelText {
  const lower = (sentence: string) => sentence.toLowerCase();
  return { source: source.map(lower), target: target.map(lower) };
}

/** A token in front of each source sentence says where the pair comes from (Caswell et al. 2019). */
function tagged({ source, target }: ParallelText, tag: string): ParallelText {
  // an empty side stays one, and is left out later
  return { source: source.map((sentence) => (sentence === "" ? "" : `${tag} ${sentence}`)), target };
}

function repeated({ source, target }: ParallelText, times: number): ParallelText {
  const copies = <T>(items: readonly T[]) => Array.from({ length: times }, () => items).flat();
  return { source: copies(source), target: copies(target) };
}

function summed(counts: readonly LeftOut[]): LeftOut {
  const sums = new Map<string, number>();
  for (const [reason, n] of counts.flatMap((count) => [...count])) sums.set(reason, (sums.get(reason) ?? 0) + n);
  return sums;
}

/** Settings of the source tokenizer with a piece for each tag. */
export function withTags<T extends TokenizerOptions>(tokenizer: T, { extra }: TranslationData): T {
  const symbols = [...tokenizer.userDefinedSymbols, ...tagsOf(extra)];
  return { ...tokenizer, userDefinedSymbols: [...new Set(symbols)] };
}

/** Throws DataError when a tokenizer that was learned earlier takes a tag for ordinary text. */
export function checkTags(tokenizer: Tokenizer, { extra }: TranslationData): void {
  for (const tag of tagsOf(extra)) {
    if (tokenizer.encode(tag).some((id) => tokenizer.piece(id) === tag)) continue;
    throw new DataError(`the source tokenizer has no piece ${tag}: one that is learned with data.extra has it`);
  }
}

function tagsOf(extra: TranslationData["extra"]): string[] {
  return extra.flatMap(({ tag }) => tag ?? []);
}
