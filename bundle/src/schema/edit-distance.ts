/** Fewest insertions, deletions and substitutions that make one sequence of the other (Levenshtein 1966). */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, k) => k);
  a.forEach((token, i) => {
    const next = [i + 1];
    b.forEach((other, k) => {
      const replaced = row[k]! + (token === other ? 0 : 1);
      next.push(Math.min(replaced, row[k + 1]! + 1, next[k]! + 1));
    });
    row = next;
  });
  return row.at(-1)!;
}
