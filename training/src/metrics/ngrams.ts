/** How often each n-gram occurs. */
export type NgramCounts = ReadonlyMap<string, number>;

/** Counts the runs of `order` tokens; a token never holds a space. */
export function countNgrams(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + order <= tokens.length; at++) {
    const ngram = tokens.slice(at, at + order).join(" ");
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** N-grams of the one that the other has too, each as often as in the one that has it less often. */
export function countMatches(hypothesis: NgramCounts, reference: NgramCounts): number {
  let matches = 0;
  for (const [ngram, count] of hypothesis) matches += Math.min(count, reference.get(ngram) ?? 0);
  return matches;
}

export function total(counts: NgramCounts): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
