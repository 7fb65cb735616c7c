/** Weights below this are nothing: keeps a logarithm finite. */
const LEAST = 1e-6;

/** How much attention each source token got from all target tokens; eos, the last of the source, is left out. */
export function coverageOf(attention: readonly (readonly number[])[]): number[] {
  const width = Math.max(0, (attention[0]?.length ?? 0) - 1);
  return Array.from({ length: width }, (_, s) => attention.reduce((sum, weights) => sum + weights[s]!, 0));
}

/** GNMT's coverage penalty (Wu et al. 2016, equation 14) without its β: Σ ln min(coverage, 1) over the source, ≤ 0. */
export function coveragePenalty(attention: readonly (readonly number[])[]): number {
  return coverageOf(attention).reduce((sum, c) => sum + Math.log(Math.max(LEAST, Math.min(c, 1))), 0);
}
