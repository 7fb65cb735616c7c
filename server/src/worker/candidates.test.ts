import { expect, it } from "vitest";
import { candidatesOf } from "./candidates.js";

const translations = [[], [4, 9], [2, 4]];

it("gives each token once, ascending: the common ones, those of the source, those that are given", () => {
  const lexicon = { common: [1, 9], translations };
  expect([...candidatesOf(lexicon, { source: [1, 2, 0], forced: [7] })]).toEqual([1, 2, 4, 7, 9]);
});

it("gives none where nothing is listed", () => {
  expect(candidatesOf({ common: [], translations }, { source: [0], forced: [] })).toHaveLength(0);
});
