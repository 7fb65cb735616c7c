/** What a step of the encoder costs beside its rows, and a run beside its steps: in rows, and in rows × steps. */
const STEP_OVERHEAD = 4;
const RUN_OVERHEAD = 16;

/**
 * Parts sentences into groups that are encoded together, each padded to its longest: the parting of the lengths in order
 * that costs least, by dynamic programming.
 * @param lengths tokens of each sentence
 * @returns indices of the sentences of each group
 */
export function lengthGroups(lengths: readonly number[]): number[][] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]!);
  // of the shortest n sentences: what they cost at least, and where their last group begins
  const best: { cost: number; from: number }[] = [{ cost: 0, from: 0 }];
  for (let n = 1; n <= order.length; n++) {
    const longest = lengths[order[n - 1]!]!;
    let least = { cost: Number.POSITIVE_INFINITY, from: 0 };
    for (let from = 0; from < n; from++) {
      const cost = best[from]!.cost + longest * (n - from + STEP_OVERHEAD) + RUN_OVERHEAD;
      if (cost < least.cost) least = { cost, from };
    }
    best.push(least);
  }
  const groups: number[][] = [];
  for (let n = order.length; n > 0; n = best[n]!.from) groups.push(order.slice(best[n]!.from, n));
  return groups;
}
