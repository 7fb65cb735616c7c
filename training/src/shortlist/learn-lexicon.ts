import type { Lexicon } from "@carousel/bundle";
import type { TokenPair } from "../data/parallel.js";
import { EOS } from "../data/special.js";
import { type AlignmentOptions, ibmModel1 } from "./ibm-model-1.js";
import { LEXICON_DEFAULTS } from "./lexicon-defaults.js";

export interface LexiconOptions extends Omit<AlignmentOptions, "iterations"> {
  /** The most frequent target tokens, which every sentence may use. */
  readonly common?: number | undefined;
  /** Most target tokens that a source token has beside those. */
  readonly best?: number | undefined;
  /** What every sentence has beside words: its end, when absent, or for connectionist temporal classification the blank. */
  readonly silent?: number | undefined;
}

const ITERATIONS = 3;
/** What a source token becomes more rarely is left out. */
const LEAST = 1e-5;
/** More pairs take longer and teach no more: that many are taken, evenly from all. */
const MOST_PAIRS = 250_000;

/** Learns from parallel text what tokens may become. @param pairs token ids without bos and eos */
export function learnLexicon(pairs: readonly TokenPair[], options: LexiconOptions): Lexicon {
  const { sourceVocabulary, targetVocabulary, common: size = LEXICON_DEFAULTS.common, silent = EOS } = options;
  const every = Math.ceil(pairs.length / MOST_PAIRS);
  const taken = pairs.filter((_, k) => k % every === 0);
  const common = mostFrequent(taken, { size, targetVocabulary, silent });
  const known = new Set(common);
  const found = Array.from({ length: sourceVocabulary }, (): Likely[] => []);
  ibmModel1(taken, { ...options, iterations: ITERATIONS }).forEach((source, target, probability) => {
    if (source < sourceVocabulary && probability >= LEAST && !known.has(target)) {
      found[source]!.push({ target, probability });
    }
  });
  return { common, translations: found.map((likely) => likeliest(likely, options.best ?? LEXICON_DEFAULTS.best)) };
}

interface Likely {
  readonly target: number;
  readonly probability: number;
}

function likeliest(likely: readonly Likely[], most: number): number[] {
  const best = likely.toSorted((a, b) => b.probability - a.probability || a.target - b.target).slice(0, most);
  return best.map(({ target }) => target).sort(ascending);
}

/** What is no word, and the tokens that come most often. */
function mostFrequent(
  pairs: readonly TokenPair[],
  { size, targetVocabulary, silent }: { size: number; targetVocabulary: number; silent: number },
): number[] {
  const counts = new Float64Array(targetVocabulary);
  for (const id of pairs.flatMap(({ target }) => target)) counts[id]!++;
  const ids = [...counts.keys()].filter((id) => counts[id]! > 0 && id !== silent);
  const often = ids.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, size);
  return [silent, ...often].sort(ascending);
}

const ascending = (a: number, b: number) => a - b;
