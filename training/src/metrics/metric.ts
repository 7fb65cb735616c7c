/** Says in a signature that this program, not sacreBLEU, made the score. */
export const VERSION = "carousel-1";

/** @throws RangeError when there are not as many references as hypotheses, or none */
export function checkPairs(hypotheses: readonly string[], references: readonly string[]): void {
  if (hypotheses.length === 0) throw new RangeError("there are no hypotheses to score");
  if (hypotheses.length === references.length) return;
  throw new RangeError(
    `there are ${hypotheses.length} hypotheses and ${references.length} references; there must be one reference for each`,
  );
}
