import { coveragePenalty } from "./coverage.js";
import type { Path, Trace } from "./trace.js";

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** GNMT's length penalty (Wu et al. 2016, equation 14); `length` counts eos. */
export function lengthPenalty(length: number, alpha: number): number {
  return ((5 + length) / 6) ** alpha;
}

export interface Scored {
  readonly path: Path;
  readonly logProbability: number;
  /** (logProbability, penalized) ÷ length penalty + coverage penalty. */
  readonly score: number;
}

interface Ranking {
  /** Tokens of a prompt, which no hypothesis counts. */
  readonly skip: number;
  readonly nBest: number;
  /** Of the length penalty. */
  readonly alpha: number;
  /** Of the coverage penalty. */
  readonly beta: number;
}

/** The n best hypotheses, best first; only these are followed back to their beginning, unless it counts what was attended to. */
export function best(trace: Trace, { skip, nBest, alpha, beta }: Ranking): Scored[] {
  const ranked = trace.ends(skip).map((end) => {
    const score = end.penalized / lengthPenalty(end.length, alpha);
    if (beta === 0) return { end, score };
    const path = trace.follow(end, skip);
    return { end, path, score: path.attention ? score + beta * coveragePenalty(path.attention) : score };
  });
  ranked.sort((a, b) => b.score - a.score);
  return ranked.slice(0, nBest).map(({ end, path = trace.follow(end, skip), score }) => {
    return { path, logProbability: sum(path.logProbabilities), score };
  });
}
