import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addRuns, readResults } from "./results.js";

it("keeps the runs of earlier commands, but not those of another set-up", async () => {
  const folder = await mkdtemp(join(tmpdir(), "results-"));
  const add = (lag: number, runs: Record<string, number>) =>
    addRuns(folder, "r.json", { about: { experiment: "r", lag, unit: undefined }, runs });
  await add(100, { rnn: 1, gru: 2 });
  expect(await add(100, { gru: 3 })).toEqual({ rnn: 1, gru: 3 });
  expect(await add(20, { lstm: 4 })).toEqual({ lstm: 4 });
  expect(await readResults(join(folder, "r.json"))).toEqual({ experiment: "r", lag: 20, runs: { lstm: 4 } });
});
