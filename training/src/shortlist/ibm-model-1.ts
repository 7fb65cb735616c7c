import type { TokenPair } from "../data/parallel.js";
import { PairTable } from "./pair-table.js";

/** How far the learning of an alignment is. */
export interface AlignmentProgress {
  /** From 1. */
  readonly iteration: number;
  readonly iterations: number;
  /** Pairs of this iteration that are done, and all. */
  readonly pairs: number;
  readonly total: number;
}

export interface AlignmentOptions {
  readonly sourceVocabulary: number;
  readonly targetVocabulary: number;
  readonly iterations: number;
  readonly onProgress?: ((progress: AlignmentProgress) => void) | undefined;
}

const PAIRS_BETWEEN = 1000;

/**
 * What source tokens become: p(target | source) by the expectation maximization of IBM model 1 (Brown et al. 1993). Each target
 * token comes of one of the source's, all equally likely beforehand, or of none of them; that which comes of none has the id
 * `sourceVocabulary`.
 */
export function ibmModel1(pairs: readonly TokenPair[], options: AlignmentOptions): PairTable {
  const { sourceVocabulary, targetVocabulary, iterations, onProgress } = options;
  const table = new PairTable(targetVocabulary);
  for (let iteration = 1; iteration <= iterations; iteration++) {
    pairs.forEach(({ source, target }, done) => {
      expect(table, [...source, sourceVocabulary], target);
      if (done % PAIRS_BETWEEN === 0) onProgress?.({ iteration, iterations, pairs: done, total: pairs.length });
    });
    table.normalize(sourceVocabulary + 1);
  }
  onProgress?.({ iteration: iterations, iterations, pairs: pairs.length, total: pairs.length });
  return table;
}

/** Counts, for each target token, the share that each source token has in it. */
function expect(table: PairTable, source: readonly number[], target: readonly number[]): void {
  for (const to of target) {
    // the table may grow while slots are added: those of the first pass are looked up again
    const total = source.reduce((sum, from) => sum + table.probability(table.slotOf(from, to)), 0);
    for (const from of source) {
      const slot = table.slotOf(from, to);
      table.count(slot, table.probability(slot) / total);
    }
  }
}
