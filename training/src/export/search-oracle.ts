/** Search as a textbook would write it, for tests: small, slow, and obviously right. */

export interface OracleRequest {
  readonly beamSize: number;
  /** Hypotheses that end the search: beamSize × patience. */
  readonly hypotheses: number;
  readonly maxLength: number;
  readonly minLength: number;
  /** Tokens to begin with. */
  readonly forced: readonly number[];
  readonly suppressed: readonly number[];
  /** 1 is none. */
  readonly repetitionPenalty: number;
  /** 0 is none. */
  readonly noRepeatNgram: number;
  /** Draws instead of searching: one number in [0, 1) a token. */
  readonly sampling?: { temperature: number; topK: number; topP: number; uniform: readonly number[] };
}

/** The request that asks for nothing. */
export const PLAIN: Omit<OracleRequest, "maxLength"> = {
  beamSize: 1,
  hypotheses: 1,
  minLength: 0,
  forced: [],
  suppressed: [],
  repetitionPenalty: 1,
  noRepeatNgram: 0,
};

export interface OracleHypothesis {
  readonly tokens: readonly number[];
  /** The model's own ln p of each token. */
  readonly logProbabilities: readonly number[];
  /** Their sum with all penalties. */
  readonly score: number;
}

/** Next-token log-probabilities given the tokens so far, bos first; −∞ of what cannot come. */
export type NextLogProbabilities = (prefix: readonly number[]) => readonly number[];

/** All hypotheses that end, in the order of their ending; those cut at the maximum length come last, best first. */
export function oracleSearch(
  next: NextLogProbabilities,
  { bos, eos }: { bos: number; eos: number },
  request: OracleRequest,
): OracleHypothesis[] {
  const ended: OracleHypothesis[] = [];
  let live: OracleHypothesis[] = [{ tokens: [], logProbabilities: [], score: 0 }];
  for (let length = 1; length <= request.maxLength; length++) {
    const candidates = live.flatMap((hypothesis) =>
      choices(next([bos, ...hypothesis.tokens]), hypothesis.tokens, { eos, request }).map((c) => ({
        tokens: [...hypothesis.tokens, c.token],
        logProbabilities: [...hypothesis.logProbabilities, c.logProbability],
        score: hypothesis.score + c.gain,
      })),
    );
    candidates.sort((a, b) => b.score - a.score);
    const width = Math.min(request.beamSize, request.hypotheses - ended.length);
    const draws = request.sampling && candidates.length > 0;
    const best = draws
      ? [drawn(candidates, { ...request.sampling!, before: live[0]!.score, at: length - 1 })]
      : candidates.slice(0, width);
    ended.push(...best.filter((h) => h.tokens.at(-1) === eos));
    live = best.filter((h) => h.tokens.at(-1) !== eos);
    if (live.length === 0 || ended.length === request.hypotheses) return ended;
  }
  return [...ended, ...live];
}

interface Candidate {
  readonly token: number;
  /** ln p of the model. */
  readonly logProbability: number;
  /** ln p with the penalties of the request. */
  readonly gain: number;
}

/** The tokens that may come next. */
function choices(
  logProbabilities: readonly number[],
  before: readonly number[],
  { eos, request }: { eos: number; request: OracleRequest },
): Candidate[] {
  const forced = request.forced[before.length];
  const all = logProbabilities
    .map((logProbability, token) => ({ token, logProbability, gain: logProbability }))
    .filter((c) => c.logProbability > Number.NEGATIVE_INFINITY);
  if (forced !== undefined) return all.filter((c) => c.token === forced);
  return all
    .filter((c) => !(c.token === eos && before.length < request.minLength))
    .filter((c) => !request.suppressed.includes(c.token))
    .filter((c) => !repeats([...before, c.token], request.noRepeatNgram))
    .map((c) => (before.includes(c.token) ? { ...c, gain: c.gain * request.repetitionPenalty } : c));
}

/** Whether the last n tokens stand earlier in the sequence, too. */
function repeats(tokens: readonly number[], n: number): boolean {
  if (n === 0) return false;
  const ngrams = tokens.slice(n - 1).map((_, k) => tokens.slice(k, k + n).join());
  return ngrams.slice(0, -1).includes(ngrams.at(-1)!);
}

interface Draw {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly uniform: readonly number[];
  /** Score of what is continued. */
  readonly before: number;
  /** Tokens of what is continued. */
  readonly at: number;
}

/** The candidate, likeliest first, at which the cumulated probability passes the number drawn. */
function drawn(candidates: readonly OracleHypothesis[], draw: Draw): OracleHypothesis {
  const weights = candidates.map((c) => Math.exp((c.score - draw.before) / draw.temperature));
  const total = sum(weights);
  const kept = weights.filter((_, k) => k < draw.topK && sum(weights.slice(0, k)) / total < draw.topP);
  const target = draw.uniform[draw.at]! * sum(kept);
  const index = kept.findIndex((_, k) => sum(kept.slice(0, k + 1)) > target);
  return candidates[index]!;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
