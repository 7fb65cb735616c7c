import type { ParallelText, TokenPair } from "../data/parallel.js";
import { type AlignmentProgress, ibmModel1 } from "../shortlist/ibm-model-1.js";
import { casedWords } from "./words.js";

export interface WordPairsOptions {
  /** Least number of times that each of the two words stands in the text. */
  readonly least?: number | undefined;
  /** Least product of the probabilities of both directions. */
  readonly probability?: number | undefined;
  readonly onProgress?: ((progress: AlignmentProgress) => void) | undefined;
}

export const WORD_PAIR_DEFAULTS = { least: 3, probability: 0.1 } as const;

const ITERATIONS = 5;

/**
 * A dictionary learned from parallel text: words of which each is what the other most likely becomes, by IBM model 1 in both
 * directions (Brown et al. 1993). In the order in which the text first has the source's words.
 */
export function wordPairs(text: ParallelText, options: WordPairsOptions = {}): ParallelText {
  const { least = WORD_PAIR_DEFAULTS.least, probability = WORD_PAIR_DEFAULTS.probability, onProgress } = options;
  const [source, target] = [numbered(casedWords(text.source)), numbered(casedWords(text.target))];
  const pairs = source.ids.map((ids, k): TokenPair => ({ source: ids, target: target.ids[k]! }));
  const sizes = { sourceVocabulary: source.words.length, targetVocabulary: target.words.length };
  const there = likeliest(pairs, { ...sizes, onProgress });
  const back = likeliest(
    pairs.map((pair) => ({ source: pair.target, target: pair.source })),
    { sourceVocabulary: sizes.targetVocabulary, targetVocabulary: sizes.sourceVocabulary, onProgress },
  );
  const found = source.words.flatMap((word, from) => {
    const { to, probability: forth } = there[from]!;
    if (to < 0 || back[to]!.to !== from || forth * back[to]!.probability < probability) return [];
    return Math.min(source.counts[from]!, target.counts[to]!) < least ? [] : [[word, target.words[to]!] as const];
  });
  return { source: found.map(([word]) => word), target: found.map(([, word]) => word) };
}

interface Likeliest {
  /** -1 where a word becomes nothing. */
  readonly to: number;
  readonly probability: number;
}

function likeliest(
  pairs: readonly TokenPair[],
  options: Omit<Parameters<typeof ibmModel1>[1], "iterations">,
): Likeliest[] {
  const best = Array.from({ length: options.sourceVocabulary + 1 }, (): Likeliest => ({ to: -1, probability: 0 }));
  ibmModel1(pairs, { ...options, iterations: ITERATIONS }).forEach((from, to, probability) => {
    if (probability > best[from]!.probability) best[from] = { to, probability };
  });
  return best;
}

/** Words by number, in the order in which they come, and how often. */
function numbered(sentences: readonly (readonly string[])[]): { ids: number[][]; words: string[]; counts: number[] } {
  const numbers = new Map<string, number>();
  const counts: number[] = [];
  const ids = sentences.map((words) =>
    words.map((word) => {
      const id = numbers.get(word) ?? numbers.size;
      numbers.set(word, id);
      counts[id] = (counts[id] ?? 0) + 1;
      return id;
    }),
  );
  return { ids, words: [...numbers.keys()], counts };
}
