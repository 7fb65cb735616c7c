import type { FinishReason, Hypothesis, SegmentResult } from "../queue/port.js";
import type { TermViolation } from "./terms/term.js";

/** A hypothesis of a whole text. */
export interface TextHypothesis extends Omit<Hypothesis, "alignment" | "links"> {
  /** How much each token looked at each token of the source, when asked for; only of a text of one segment. */
  readonly alignments?: readonly { readonly token: string; readonly weights: readonly number[] }[];
  /** The source token that each token looked at most, in Pharaoh's format, when asked for. */
  readonly hardAlignment?: string;
  /** Segments that were cut off at the maximum length. */
  readonly cutSegments: number;
  /** Segments that went into a loop and were decoded again with a guard. */
  readonly guardedSegments: number;
  /** Terms that it should have and has not. */
  readonly termViolations: readonly TermViolation[];
}

export interface JoinOptions {
  readonly text: string;
  readonly alignments: "wanted" | "unwanted";
  readonly termViolations: readonly TermViolation[];
}

/** What of several segments counts for the text: the worst that happened to one of them. */
const WORST_FIRST: readonly FinishReason[] = ["loop", "length", "stop", "end"];

/**
 * The hypothesis of that rank of each segment, side by side. Scores add up; what attention says is averaged over the
 * source's tokens, confidence over the target's.
 */
export function joined(
  results: readonly SegmentResult[],
  rank: number,
  { text, alignments, termViolations }: JoinOptions,
): TextHypothesis {
  const chosen = results.map((r) => r.hypotheses[rank]!);
  const [only] = chosen;
  const total = (of: (h: Hypothesis) => number) => chosen.reduce((sum, h) => sum + of(h), 0);
  const bySource = results.map((r) => Math.max(1, r.sourceTokens - 1));
  const byTarget = chosen.map((h) => Math.max(1, h.tokens.length));
  return {
    text,
    termViolations,
    score: total((h) => h.score),
    logProbability: total((h) => h.logProbability),
    tokens: chosen.length === 1 ? only!.tokens : chosen.flatMap((h) => h.tokens),
    finishReason: WORST_FIRST.find((reason) => chosen.some((h) => h.finishReason === reason))!,
    cutSegments: chosen.filter((h) => h.finishReason === "length").length,
    guardedSegments: results.filter((r) => r.guarded).length,
    omission: mean("omission", chosen, bySource),
    repetition: mean("repetition", chosen, bySource),
    confidence: mean("confidence", chosen, byTarget),
    ...(alignments === "wanted" && chosen.length === 1 && only!.alignment ? { alignments: byToken(only!) } : {}),
    ...(alignments === "wanted" ? { hardAlignment: pharaoh(joinedLinks(results, rank)) } : {}),
  };
}

type Measure = "omission" | "repetition" | "confidence";

/** The weighted mean, where every segment has the measure. */
function mean(measure: Measure, hypotheses: readonly Hypothesis[], weights: readonly number[]): number | undefined {
  if (hypotheses.some((h) => h[measure] === undefined)) return undefined;
  const sum = hypotheses.reduce((s, h, k) => s + h[measure]! * weights[k]!, 0);
  return sum / weights.reduce((a, b) => a + b, 0);
}

function byToken({ tokens, alignment = [] }: Hypothesis): TextHypothesis["alignments"] {
  return alignment.map((weights, k) => ({ token: tokens[k]?.piece ?? "", weights }));
}

/** Links of all segments, counted over the tokens of the whole text. */
function joinedLinks(results: readonly SegmentResult[], rank: number): [number, number][] {
  let [source, target] = [0, 0];
  return results.flatMap(({ hypotheses, sourcePieces }) => {
    const { links = [], tokens } = hypotheses[rank]!;
    const moved = links.map(([s, t]): [number, number] => [s + source, t + target]);
    source += sourcePieces?.length ?? 0;
    target += tokens.length;
    return moved;
  });
}

/** Pharaoh's format: "0-0 1-2", source first. */
function pharaoh(links: readonly (readonly [number, number])[]): string {
  return links.map(([source, target]) => `${source}-${target}`).join(" ");
}
