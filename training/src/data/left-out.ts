/** How many items were left out, by reason. */
export type LeftOut = ReadonlyMap<string, number>;

/** The items without a fault, in their order, and how many had which. */
export function withoutFaults<T>(
  items: readonly T[],
  faultOf: (item: T) => string | undefined,
): { kept: T[]; leftOut: LeftOut } {
  const leftOut = new Map<string, number>();
  const kept = items.filter((item) => {
    const fault = faultOf(item);
    if (fault !== undefined) leftOut.set(fault, (leftOut.get(fault) ?? 0) + 1);
    return fault === undefined;
  });
  return { kept, leftOut };
}

/** For people, such as "12 left out: 8 duplicates, 4 too long"; "none left out" when nothing was. */
export function describeLeftOut(...counts: readonly LeftOut[]): string {
  const entries = counts.flatMap((c) => [...c]);
  if (entries.length === 0) return "none left out";
  const total = entries.reduce((sum, [, n]) => sum + n, 0);
  return `${total} left out: ${entries.map(([reason, n]) => `${n} ${reason}`).join(", ")}`;
}
