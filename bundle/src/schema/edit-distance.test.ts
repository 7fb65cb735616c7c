import { describe, expect, it } from "vitest";
import { editDistance } from "./edit-distance.js";

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

  it("is what its definition gives, for all short sequences of two letters", () => {
    const sequences = sequencesUpTo(4);
    for (const a of sequences) {
      for (const b of sequences) expect(editDistance(a, b), `${a.join("")} ${b.join("")}`).toBe(byDefinition(a, b));
    }
  });
});

function sequencesUpTo(length: number): string[][] {
  if (length === 0) return [[]];
  return [
    [],
    ...sequencesUpTo(length - 1).flatMap((rest) => [
      ["a", ...rest],
      ["b", ...rest],
    ]),
  ];
}

function byDefinition(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return byDefinition(restA, restB);
  return 1 + Math.min(byDefinition(restA, b), byDefinition(a, restB), byDefinition(restA, restB));
}
