/** [token][source position], each row a distribution; the last source position is eos. */
export type Attention = readonly ArrayLike<number>[];

/** Weights below this are nothing: keeps a logarithm finite. */
const LEAST = 1e-6;
/** A source token with less attention than this from all target tokens is taken to be left out. */
const OMITTED = 0.2;
/** What a source token gets beyond this is taken to be said again. */
const REPEATED = 2;

/** How much attention each source token got from all target tokens; eos, the last of the source, is left out. */
export function coverageOf(attention: Attention): number[] {
  const got = new Array<number>(Math.max(0, (attention[0]?.length ?? 0) - 1)).fill(0);
  for (const weights of attention) for (let s = 0; s < got.length; s++) got[s]! += weights[s]!;
  return got;
}

/** GNMT's coverage penalty (Wu et al. 2016, equation 14) without its β: Σ ln min(coverage, 1) over the source, ≤ 0. */
export function coveragePenalty(attention: Attention): number {
  return coverageOf(attention).reduce((sum, c) => sum + Math.log(Math.max(LEAST, Math.min(c, 1))), 0);
}

/** What attention says of a translation, each 0 to 1; docs/search.md has how well it says it. */
export interface Coverage {
  /** Share of the source's tokens that hardly any attention went to. */
  readonly omission: number;
  /** Share of the attention that went to source tokens beyond what one usually gets. */
  readonly repetition: number;
}

export function coverage(attention: Attention): Coverage {
  const got = coverageOf(attention);
  if (got.length === 0) return { omission: 0, repetition: 0 };
  const excess = got.reduce((sum, c) => sum + Math.max(0, c - REPEATED), 0);
  return { omission: got.filter((c) => c < OMITTED).length / got.length, repetition: excess / attention.length };
}

/** The source position each token looked at most, [source, token]; a token that looked at eos most has none. */
export function links(attention: Attention): [number, number][] {
  return attention.flatMap((weights, token) => {
    const source = peakOf(weights);
    return source < weights.length - 1 ? [[source, token] as [number, number]] : [];
  });
}

/** The index of the largest; the first of equals. */
function peakOf(weights: ArrayLike<number>): number {
  let peak = 0;
  for (let k = 1; k < weights.length; k++) if (weights[k]! > weights[peak]!) peak = k;
  return peak;
}
