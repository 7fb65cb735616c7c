import { expect, it } from "vitest";
import { lengthGroups } from "./length-groups.js";

const lengthsOf = (lengths: readonly number[]) => lengthGroups(lengths).map((group) => group.map((n) => lengths[n]));

it("keeps like lengths together, and a long one from the short", () => {
  expect(lengthsOf([])).toEqual([]);
  expect(lengthsOf([7])).toEqual([[7]]);
  expect(lengthsOf([7, 8, 7, 9, 8])).toEqual([[7, 7, 8, 8, 9]]);
  expect(lengthsOf([7, 40, 8, 7, 9, 8, 7, 7, 8])).toEqual([[40], [7, 7, 7, 7, 8, 8, 8, 9]]);
});

it("takes every sentence once", () => {
  const lengths = Array.from({ length: 100 }, (_, n) => 1 + ((n * 37) % 61));
  const all = lengthGroups(lengths).flat();
  expect(all.toSorted((a, b) => a - b)).toEqual([...lengths.keys()]);
});
