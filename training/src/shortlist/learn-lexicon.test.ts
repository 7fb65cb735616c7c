import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import type { AlignmentProgress } from "./ibm-model-1.js";
import { learnLexicon } from "./learn-lexicon.js";

const [EOS, FIRST, WORDS] = [3, 4, 300];
const FILLER = FIRST + WORDS;

/** Word n of the source is word n of the target, in the other direction, and every sentence ends with a filler. */
function pairs(count: number) {
  const random = new Random(2);
  return Array.from({ length: count }, () => {
    const source = Array.from({ length: 1 + random.below(8) }, () => FIRST + random.below(WORDS));
    return { source, target: [...source.toReversed(), FILLER] };
  });
}

describe("a lexicon learned from parallel text", () => {
  const sizes = { sourceVocabulary: FIRST + WORDS, targetVocabulary: FILLER + 1 };

  it("has for each word what it becomes, and the end and the most frequent words for all", () => {
    const { common, translations } = learnLexicon(pairs(3000), { ...sizes, common: 1, best: 1 });
    expect(common).toEqual([EOS, FILLER]);
    expect(translations).toHaveLength(FIRST + WORDS);
    expect(translations[EOS]).toEqual([]);
    const right = translations.filter((list, source) => list.length === 1 && list[0] === source);
    expect(right.length).toBeGreaterThan(0.99 * WORDS);
    expect(learnLexicon(pairs(30), { ...sizes, common: 1, silent: 0 }).common).toEqual([0, FILLER]);
  });

  it("keeps lists in order, as long as asked and without what is common", () => {
    const { common, translations } = learnLexicon(pairs(500), { ...sizes, common: 20, best: 5 });
    expect(common).toHaveLength(21);
    for (const list of [common, ...translations]) expect(list).toEqual(list.toSorted((a, b) => a - b));
    expect(Math.max(...translations.map((list) => list.length))).toBe(5);
    expect(translations.flat().filter((id) => common.includes(id))).toEqual([]);
  });

  it("says how far it is", () => {
    const said: AlignmentProgress[] = [];
    learnLexicon(pairs(1500), { ...sizes, onProgress: (p) => void said.push(p) });
    expect(said[1]).toEqual({ iteration: 1, iterations: 3, pairs: 1000, total: 1500 });
    expect(said.at(-1)).toEqual({ iteration: 3, iterations: 3, pairs: 1500, total: 1500 });
  });
});
