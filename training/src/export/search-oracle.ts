/** Beam search as a textbook would write it, for tests: small, slow, and obviously right. */

export interface OracleRequest {
  readonly beamSize: number;
  readonly maxLength: number;
  readonly minLength: number;
  /** Tokens to begin with. */
  readonly forced: readonly number[];
}

export interface OracleHypothesis {
  readonly tokens: readonly number[];
  readonly score: number;
}

/** Next-token log-probabilities given the tokens so far, bos first. */
export type NextLogProbabilities = (prefix: readonly number[]) => readonly number[];

/** All hypotheses that end, in the order of their ending; those cut at the maximum length come last, best first. */
export function oracleSearch(
  next: NextLogProbabilities,
  { bos, eos }: { bos: number; eos: number },
  request: OracleRequest,
): OracleHypothesis[] {
  const ended: OracleHypothesis[] = [];
  let live: OracleHypothesis[] = [{ tokens: [], score: 0 }];
  for (let length = 1; length <= request.maxLength; length++) {
    const candidates = live.flatMap((hypothesis) =>
      next([bos, ...hypothesis.tokens]).flatMap((logProbability, token) => {
        const forced = request.forced[length - 1];
        if (forced !== undefined && token !== forced) return [];
        if (forced === undefined && token === eos && length - 1 < request.minLength) return [];
        return [{ tokens: [...hypothesis.tokens, token], score: hypothesis.score + logProbability }];
      }),
    );
    candidates.sort((a, b) => b.score - a.score);
    const best = candidates.slice(0, request.beamSize - ended.length);
    ended.push(...best.filter((h) => h.tokens.at(-1) === eos));
    live = best.filter((h) => h.tokens.at(-1) !== eos);
    if (live.length === 0) return ended;
  }
  return [...ended, ...live];
}
