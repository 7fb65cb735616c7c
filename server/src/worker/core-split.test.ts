import { expect, it } from "vitest";
import { coreSplit } from "./core-split.js";

it.each([
  { cores: 2, asked: {}, split: { threads: 2, intraOpThreads: 1 } },
  { cores: 1, asked: {}, split: { threads: 1, intraOpThreads: 1 } },
  { cores: 20, asked: {}, split: { threads: 8, intraOpThreads: 2 } },
  { cores: 4, asked: { threads: 2 }, split: { threads: 2, intraOpThreads: 2 } },
  { cores: 4, asked: { threads: 8 }, split: { threads: 8, intraOpThreads: 1 } },
  { cores: 4, asked: { intraOpThreads: 3 }, split: { threads: 1, intraOpThreads: 3 } },
  { cores: 4, asked: { threads: 2, intraOpThreads: 3 }, split: { threads: 2, intraOpThreads: 3 } },
])("splits $cores cores, $asked being asked for", ({ cores, asked, split }) => {
  expect(coreSplit(cores, { device: "cpu", ...asked })).toEqual(split);
});

it("gives a GPU one engine thread", () => {
  expect(coreSplit(16, { device: "cuda" })).toEqual({ threads: 1, intraOpThreads: 16 });
});
