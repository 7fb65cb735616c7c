import { CarouselError } from "../../errors.js";
import type { Hypothesis, SegmentResult } from "../../queue/port.js";
import { type PiecePlace, placesOf } from "../inline/attention.js";
import type { Demand } from "./demands.js";
import { overlaps } from "./occurrences.js";
import { type PrefixOptions, prefixesWith } from "./prefixes.js";
import { attentionTo, candidateOf, ranked } from "./ranking.js";
import { placesOfDemands } from "./target-forms.js";

/** Terms that are forced in one sentence, one a round. */
const MOST_ROUNDS = 12;

/**
 * A translation with a term in place of a word is worth as much as it was, and this more, in the unit of scores: models seldom
 * know a term, and after one that they do not know they leave words out.
 */
const REPLACED = 0.3;

export interface TermSearchOptions {
  /** The source sentence. */
  readonly text: string;
  readonly demands: readonly Demand[];
  /** What all translations begin with. */
  readonly given: string;
  /** BCP 47, of the translation. */
  readonly language: string;
  readonly nBest: number;
  /** Searches the best translations that begin with a prefix, with alignments. */
  search(prefix: string): Promise<SegmentResult>;
}

/**
 * Searches the best translations that have all terms. A free search comes first; while its best hypothesis lacks a term,
 * searches are held to begin as it does, up to one of its words, and to have the term there: the best of all that were
 * found goes on.
 * @returns what has most of the terms first (ranking.ts)
 */
export async function searchWithTerms(options: TermSearchOptions): Promise<SegmentResult> {
  const { text, given, demands, nBest, language } = options;
  const free = await options.search(given);
  const source = placesOf(free.sourcePieces ?? [], text);
  const known = { demands, source };
  let found = ranked(free.hypotheses.map((h) => candidateOf(h, known)));
  for (let round = 0; round < Math.min(demands.length, MOST_ROUNDS); round++) {
    const { hypothesis, tokens, missing, worth } = found[0]!;
    if (!missing) break;
    const met = placesOfDemands(hypothesis.text, demands);
    const isMet = (token: PiecePlace) => met.some((place) => place && overlaps(place, token));
    const attention = attentionTo(missing, { hypothesis, source }).map((mass, t) => (isMet(tokens[t]!) ? 0 : mass));
    const { begun, replaced, whole } = prefixesWith(hypothesis.text, {
      ...{ demand: missing, tokens, attention, language },
      covers: given === "" ? coverOf(text, missing) : "part",
    });
    const prefixes = [...new Set([...whole, ...replaced, ...begun])].filter((prefix) => prefix.startsWith(given));
    const results = await Promise.all(prefixes.map((prefix) => begunWith(prefix, options)));
    const ended = results.flatMap((some, k) => {
      const prefix = prefixes[k]!;
      const isWhole = !begun.includes(prefix) && some.some(({ text }) => text === prefix);
      return some.filter(({ text }) => (isWhole ? text === prefix : !isLonger(text, prefix)));
    });
    const candidates = ended.map((h) => {
      if (whole.includes(h.text)) return candidateOf(h, { ...known, worth: Number.MAX_VALUE });
      return candidateOf(h, replaced.includes(h.text) ? { ...known, worth: worth + REPLACED } : known);
    });
    found = ranked([...found, ...candidates]);
  }
  return { ...free, hypotheses: found.slice(0, nBest).map((c) => judged(c.hypothesis, free.hypotheses)) };
}

/** Whether a word that ends a prefix goes on in a translation, where no space would end it: クルマ in クルマン. */
function isLonger(text: string, prefix: string): boolean {
  return text.startsWith(prefix) && /^[\p{sc=Kana}ー]{2}/u.test(text.slice(prefix.length - 1));
}

/** What was forced has the confidence of the free translation: how unlikely a term is says nothing of the words around it. */
function judged(hypothesis: Hypothesis, free: readonly Hypothesis[]): Hypothesis {
  const { confidence } = free[0]!;
  return free.includes(hypothesis) || confidence === undefined ? hypothesis : { ...hypothesis, confidence };
}

function coverOf(text: string, { start, end }: Demand): PrefixOptions["covers"] {
  const outside = (text.slice(0, start) + text.slice(end)).trim();
  if (outside === "") return "all";
  return /[\p{L}\p{N}]/u.test(outside) ? "part" : "words";
}

/** A prefix that leaves no room for the rest is no way to go. */
async function begunWith(prefix: string, { search }: TermSearchOptions): Promise<readonly Hypothesis[]> {
  try {
    return (await search(prefix)).hypotheses;
  } catch (error) {
    if (error instanceof CarouselError && error.code === "INVALID_ARGUMENT") return [];
    throw error;
  }
}
