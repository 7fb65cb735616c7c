import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { editDistance, sequenceErrorRate, tokenErrorRate } from "./error-rate.js";

const hypotheses = ["k æ t", "d ɔ ɡ", "", "f ɪ ʃ ə"];
const references = ["k æ t", "d ɑ ɡ", "i", " f  ɪ ʃ "];

describe("error rates", () => {
  it("count the lines that differ, spaces aside", () => {
    expect(sequenceErrorRate({ hypotheses, references })).toEqual({ score: 75, errors: 3, total: 4 });
    expect(sequenceErrorRate({ hypotheses: references, references }).score).toBe(0);
  });

  it("count the tokens that are wrong, too many and too few", () => {
    expect(tokenErrorRate({ hypotheses, references })).toEqual({ score: 30, errors: 3, total: 10 });
    expect(tokenErrorRate({ hypotheses: ["a b c"], references: ["d"] }).score).toBe(300);
  });

  it("want a reference for each hypothesis, and a token in one of them", () => {
    expect(() => sequenceErrorRate({ hypotheses: ["a"], references: [] })).toThrow("one reference for each");
    expect(() => tokenErrorRate({ hypotheses: ["a"], references: [" "] })).toThrow("at least one token");
  });
});

describe("edit distance", () => {
  const cases = [
    ["kitten", "sitting", 3],
    ["saturday", "sunday", 3],
    ["", "abc", 3],
    ["abc", "", 3],
    ["flaw", "lawn", 2],
  ] as const;
  it.each(cases)("%s → %s", (a, b, distance) => {
    expect(editDistance([...a], [...b])).toBe(distance);
  });

  it("is what its definition gives, for random sequences", () => {
    const random = new Random(1);
    const drawn = () => Array.from({ length: random.below(6) }, () => "abc"[random.below(3)]!);
    for (let k = 0; k < 200; k++) {
      const [a, b] = [drawn(), drawn()];
      expect(editDistance(a, b), `${a.join("")} ${b.join("")}`).toBe(byDefinition(a, b));
    }
  });
});

function byDefinition(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return byDefinition(restA, restB);
  return 1 + Math.min(byDefinition(restA, b), byDefinition(a, restB), byDefinition(restA, restB));
}
