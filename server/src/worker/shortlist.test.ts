import { describe, expect, it } from "vitest";
import { Shortlist } from "./shortlist.js";
import { integersOf } from "./tensor.js";

const VOCABULARY = 400;

function fed(lists: readonly (readonly number[] | undefined)[]) {
  const shortlist = new Shortlist(VOCABULARY, "decoder");
  const { columns, places } = shortlist.feedsOf(
    lists.map((list) => (list ? { candidates: Int32Array.from(list) } : {})),
  );
  const [sentences, length] = places!.shape as [number, number];
  const all = integersOf(places!);
  const rows = Array.from({ length: sentences }, (_, n) => [...all.subarray(n * length, (n + 1) * length)]);
  return { columns: [...integersOf(columns!)], places: rows.map((row) => row.filter((place) => place >= 0)) };
}

describe("what a graph is given of shortlists", () => {
  it("is the union of few candidates, and where each sentence's are in it", () => {
    const { columns, places } = fed([
      [3, 8, 90],
      [3, 70],
    ]);
    expect(columns.slice(0, 4)).toEqual([3, 8, 70, 90]);
    expect(columns.length % 16).toBe(0);
    expect(places.map((row) => row.map((place) => columns[place]))).toEqual([
      [3, 8, 90],
      [3, 70],
    ]);
  });

  it("is the whole vocabulary when the union is large, with the candidates as places", () => {
    const many = Array.from({ length: VOCABULARY / 2 }, (_, k) => 2 * k);
    const { columns, places } = fed([many, [3, 70]]);
    expect(columns).toEqual([...new Array(VOCABULARY).keys()]);
    expect(places).toEqual([many, [3, 70]]);
  });

  it("is the whole vocabulary for a sentence without candidates among others", () => {
    const { columns, places } = fed([undefined, [3, 70]]);
    expect(columns).toHaveLength(VOCABULARY);
    expect(places[0]).toHaveLength(VOCABULARY);
    expect(places[1]).toEqual([3, 70]);
  });

  it("is nothing when nobody has candidates", () => {
    expect(fed([undefined, undefined])).toEqual({ columns: [], places: [[], []] });
  });
});
