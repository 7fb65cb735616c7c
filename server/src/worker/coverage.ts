/** Attention of a translation's tokens over the source. */
export interface Attention {
  /** [tokens, source], each row a distribution; the last source position is eos. */
  readonly weights: Float32Array;
  /** Source positions. */
  readonly source: number;
}

/** A row for each token. */
export function rowsOf(attention: Attention): number[][] {
  const { weights, source } = attention;
  return Array.from({ length: tokensOf(attention) }, (_, n) =>
    Array.from(weights.subarray(n * source, (n + 1) * source)),
  );
}

function tokensOf({ weights, source }: Attention): number {
  return weights.length / source;
}

/** Weights below this are nothing: keeps a logarithm finite. */
const LEAST = 1e-6;
/** A source token with less attention than this from all target tokens is taken to be left out. */
const OMITTED = 0.2;
/** What a source token gets beyond this is taken to be said again. */
const REPEATED = 2;

/** How much attention each source token got from all target tokens; eos, the last of the source, is left out. */
function coverageOf({ weights, source }: Attention): number[] {
  const got = new Array<number>(Math.max(0, source - 1)).fill(0);
  for (let row = 0; row < weights.length; row += source) {
    for (let s = 0; s < got.length; s++) got[s]! += weights[row + s]!;
  }
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
  return { omission: got.filter((c) => c < OMITTED).length / got.length, repetition: excess / tokensOf(attention) };
}

/** The source position each token looked at most, [source, token]; a token that looked at eos most has none. */
export function links(rows: readonly (readonly number[])[]): [number, number][] {
  return rows.flatMap((weights, token) => {
    const source = peakOf(weights);
    return source < weights.length - 1 ? [[source, token] as [number, number]] : [];
  });
}

/** The index of the largest; the first of equals. */
function peakOf(weights: readonly number[]): number {
  let peak = 0;
  for (let k = 1; k < weights.length; k++) if (weights[k]! > weights[peak]!) peak = k;
  return peak;
}
