import { expect, it } from "vitest";
import { byLength } from "./by-length.js";

it("puts sentences of like length together, and a very long one alone", () => {
  const lengths = [3, 9000, 5, ...Array<number>(100).fill(4), 200, 200];
  const batches = byLength(lengths.map((length, index) => ({ index, ids: Array<number>(length).fill(7) })));
  expect(batches.map((b) => [b.length, b.at(-1)!.ids.length])).toEqual([
    [64, 4],
    [40, 200],
    [1, 9000],
  ]);
  expect(
    batches
      .flat()
      .map((s) => s.index)
      .toSorted((a, b) => a - b),
  ).toEqual([...lengths.keys()]);
});
