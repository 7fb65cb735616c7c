import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Pair, readCorpus } from "./corpus.js";
import { FAULTS } from "./faults.js";
import { Fleet } from "./fleet.js";
import { trial } from "./trial.js";

describe("nothing that was accepted is lost", () => {
  let fleet: Fleet;
  let corpus: Pair[];

  beforeAll(async () => {
    [fleet, corpus] = await Promise.all([Fleet.start(), readCorpus()]);
  });
  afterAll(() => fleet?.stop());

  for (const fault of FAULTS) {
    it(`${fault.name}, ${fault.times.short} times`, { timeout: 120_000 }, async () => {
      const { violations, counts } = await trial(fault, fault.times.short, { fleet, corpus });
      expect(violations.slice(0, 10)).toEqual([]);
      expect(counts.requests).toBeGreaterThan(100);
      expect(counts.lines).toBeGreaterThan(0);
      if (fault.mayRefuse.length === 0) expect(counts.refused).toBe(0);
    });
  }
});
