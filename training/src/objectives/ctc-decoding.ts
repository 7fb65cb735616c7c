import { BLANK } from "./ctc.js";

/** Log-probabilities of labels, frame by frame: [frames, V] in one array. */
export interface FrameLogProbabilities {
  readonly values: Float32Array;
  readonly frames: number;
  readonly vocabulary: number;
}

export interface CtcHypothesis {
  readonly tokens: readonly number[];
  /** Nats. */
  readonly score: number;
}

/**
 * Greedy decoding: the likeliest label of every frame, runs merged, blanks dropped (Graves et al. 2006, best path).
 * The score is the sum of the log-probabilities of the frames where tokens begin.
 */
export function bestPathTokens({ values, frames, vocabulary }: FrameLogProbabilities): CtcHypothesis {
  const tokens: number[] = [];
  let [score, before] = [0, BLANK];
  for (let t = 0; t < frames; t++) {
    const row = values.subarray(t * vocabulary, (t + 1) * vocabulary);
    const label = row.indexOf(row.reduce((a, b) => Math.max(a, b)));
    if (label !== BLANK && label !== before) {
      tokens.push(label);
      score += row[label]!;
    }
    before = label;
  }
  return { tokens, score };
}

/** Prefixes by their tokens; ln of the probability of the paths so far that end on a blank, and on the last token. */
interface Prefix {
  readonly tokens: readonly number[];
  blank: number;
  token: number;
}

/**
 * Prefix beam search (Hannun et al. 2014, after Graves 2008): sums over the paths that give the same tokens, which best-path
 * decoding does not. Exact when the beam holds every prefix.
 * @returns at most `beamSize` hypotheses, best first; a score is ln of the sum over the paths that stayed in the beam
 */
export function prefixBeamSearch(input: FrameLogProbabilities, options: { beamSize: number }): CtcHypothesis[] {
  let beam: Prefix[] = [{ tokens: [], blank: 0, token: Number.NEGATIVE_INFINITY }];
  for (let t = 0; t < input.frames; t++) {
    const row = input.values.subarray(t * input.vocabulary, (t + 1) * input.vocabulary);
    beam = best(extended(beam, row), options.beamSize);
  }
  return beam.map((p) => ({ tokens: p.tokens, score: total(p) }));
}

/** The prefixes after one more frame. */
function extended(beam: readonly Prefix[], row: Float32Array): Prefix[] {
  const next = new Map<string, Prefix>();
  const at = (tokens: readonly number[]): Prefix => {
    const key = tokens.join(" ");
    const known = next.get(key) ?? { tokens, blank: Number.NEGATIVE_INFINITY, token: Number.NEGATIVE_INFINITY };
    next.set(key, known);
    return known;
  };
  for (const prefix of beam) {
    const last = prefix.tokens.at(-1);
    const same = at(prefix.tokens);
    same.blank = logAdd(same.blank, total(prefix) + row[BLANK]!);
    if (last !== undefined) same.token = logAdd(same.token, prefix.token + row[last]!);
    for (let token = 0; token < row.length; token++) {
      if (token === BLANK) continue;
      const longer = at([...prefix.tokens, token]);
      // a token after itself is a new one only after a blank
      longer.token = logAdd(longer.token, (token === last ? prefix.blank : total(prefix)) + row[token]!);
    }
  }
  return [...next.values()];
}

function best(prefixes: Prefix[], count: number): Prefix[] {
  return prefixes.sort((a, b) => total(b) - total(a)).slice(0, count);
}

function total({ blank, token }: Prefix): number {
  return logAdd(blank, token);
}

/** ln(eᵃ + eᵇ) */
function logAdd(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high));
}
