const MAX_ORDER = 6;
const BETA = 2;
const SACREBLEU = "2.6.0";

export interface Chrf {
  /** 0 to 100. */
  readonly score: number;
  readonly signature: string;
}

/**
 * Corpus chrF2 (Popović 2015): the F-score, recall weighing twice, over character n-grams of 1 to 6 without white space;
 * the numbers of sacreBLEU's defaults.
 * @throws RangeError when there are not as many references as hypotheses, or none
 */
export function corpusChrf({
  hypotheses,
  references,
}: {
  hypotheses: readonly string[];
  references: readonly string[];
}): Chrf {
  if (hypotheses.length !== references.length || hypotheses.length === 0) {
    throw new RangeError(
      `chrF compares line by line: ${hypotheses.length} hypotheses, ${references.length} references`,
    );
  }
  const totals = Array.from({ length: MAX_ORDER }, () => ({ hypothesis: 0, reference: 0, match: 0 }));
  hypotheses.forEach((line, k) => {
    const [hypothesis, reference] = [characters(line), characters(references[k]!)];
    totals.forEach((total, order) => {
      const [h, r] = [nGrams(hypothesis, order + 1), nGrams(reference, order + 1)];
      total.reference += sum(r.values());
      total.hypothesis += sum(h.values());
      for (const [gram, count] of h) total.match += Math.min(count, r.get(gram) ?? 0);
    });
  });
  return {
    score: 100 * fScore(totals),
    signature: `nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:${SACREBLEU}`,
  };
}

/** F over the mean precision and recall of the orders that both sides reach. */
function fScore(totals: readonly { hypothesis: number; reference: number; match: number }[]): number {
  const reached = totals.filter((t) => t.hypothesis > 0 && t.reference > 0);
  if (reached.length === 0) return 0;
  const precision = sum(reached.map((t) => t.match / t.hypothesis)) / reached.length;
  const recall = sum(reached.map((t) => t.match / t.reference)) / reached.length;
  if (precision + recall === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (BETA ** 2 * precision + recall);
}

function characters(line: string): string[] {
  return [...line.replace(/\s/gu, "")];
}

function nGrams(items: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + order <= items.length; at++) {
    const gram = items.slice(at, at + order).join("");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
