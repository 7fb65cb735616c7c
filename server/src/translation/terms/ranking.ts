import type { Hypothesis } from "../../queue/port.js";
import { type PiecePlace, placesOf } from "../inline/attention.js";
import type { Demand } from "./demands.js";
import { overlaps } from "./occurrences.js";
import { placesOfDemands } from "./target-forms.js";

/** What it costs, in the unit of scores, when a token outside a term looks at nothing but the term's source: it says it again. */
const SAID_AGAIN = 2;

/** GNMT's β (Wu et al. 2016, equation 14): source tokens that nothing looks at are left out. */
const LEFT_OUT = 0.2;

/** A hypothesis as a search with terms sees it. */
export interface Candidate {
  readonly hypothesis: Hypothesis;
  /** Where its tokens lie in its text. */
  readonly tokens: readonly PiecePlace[];
  /** The first term that it lacks. */
  readonly missing: Demand | undefined;
  /** Terms that it lacks. */
  readonly lacks: number;
  readonly worth: number;
}

export interface RankingOptions {
  readonly demands: readonly Demand[];
  /** Where the pieces of the source lie in it. */
  readonly source: readonly PiecePlace[];
}

/** Best first, each text once: what lacks fewest terms, what has ended, what is worth most. */
export function ranked(candidates: readonly Candidate[]): Candidate[] {
  const unended = ({ hypothesis }: Candidate) => (hypothesis.finishReason === "end" ? 0 : 1);
  const inOrder = [...candidates].sort((a, b) => a.lacks - b.lacks || unended(a) - unended(b) || b.worth - a.worth);
  const texts = new Set<string>();
  return inOrder.filter(({ hypothesis: { text } }) => !texts.has(text) && texts.add(text));
}

/** @param options.worth what it is worth, if that is known */
export function candidateOf(hypothesis: Hypothesis, options: RankingOptions & { worth?: number }): Candidate {
  const { demands, source } = options;
  const places = placesOfDemands(hypothesis.text, demands);
  const tokens = placesOf(
    hypothesis.tokens.map(({ piece }) => piece),
    hypothesis.text,
  );
  const terms = places.filter((place) => place !== undefined);
  const saidAgain = demands.map((demand, k) => {
    const place = places[k];
    if (!place) return 0;
    const masses = attentionTo(demand, { hypothesis, source });
    return masses.reduce((sum, mass, t) => (overlaps(tokens[t]!, place) ? sum : sum + Math.max(0, 2 * mass - 1)), 0);
  });
  const {
    worth = besideTerms(hypothesis, { tokens, terms }) +
      LEFT_OUT * coverage(hypothesis, source) -
      SAID_AGAIN * saidAgain.reduce((a, b) => a + b, 0),
  } = options;
  const missing = demands.find((_, k) => !places[k]);
  return { hypothesis, tokens, missing, lacks: demands.length - terms.length, worth };
}

/** For each token of a translation, the share of its attention that goes to the source of a term. */
export function attentionTo(
  term: PiecePlace,
  { hypothesis, source }: { hypothesis: Hypothesis; source: readonly PiecePlace[] },
): number[] {
  const inside = source.flatMap((piece, k) => (overlaps(piece, term) ? [k] : []));
  return (hypothesis.alignment ?? []).map((row) => inside.reduce((sum, k) => sum + (row[k] ?? 0), 0));
}

/** The score without the terms' own tokens: they must be there, however unlikely the model finds them. */
function besideTerms(
  { score, logProbability, tokens: said }: Hypothesis,
  { tokens, terms }: { tokens: readonly PiecePlace[]; terms: readonly PiecePlace[] },
): number {
  const isTerm = (k: number) => terms.some((term) => overlaps(tokens[k]!, term));
  const rest = said.reduce((sum, token, k) => (isTerm(k) ? sum : sum + token.logProbability), 0);
  return logProbability === 0 ? score : (score * rest) / logProbability;
}

/** Σ log min(1, attention to a source piece); 0 when nothing is left out. */
function coverage({ alignment = [] }: Hypothesis, source: readonly PiecePlace[]): number {
  return source.reduce((total, { start, end }, k) => {
    const attention = alignment.reduce((sum, row) => sum + (row[k] ?? 0), 0);
    return start === end ? total : total + Math.log(Math.min(1, Math.max(attention, 1e-3)));
  }, 0);
}
