import { afterAll, beforeAll, expect, it } from "vitest";
import { type Pair, readCorpus } from "./corpus.js";
import type { Fault } from "./fault.js";
import { Fleet } from "./fleet.js";
import { Random } from "./random.js";
import { trial } from "./trial.js";

const SEED = 1;

/** Tests that inflict each fault in its short count on one fleet. */
export function inflicts(faults: readonly Fault[]): void {
  let fleet: Fleet;
  let corpus: Pair[];

  beforeAll(async () => {
    [fleet, corpus] = await Promise.all([Fleet.start(), readCorpus()]);
  });
  afterAll(() => fleet?.stop());

  for (const fault of faults) {
    const { name, times, mayRefuse } = fault;
    it(`${name}, ${times.short} times`, { timeout: 240_000 }, async ({ skip }) => {
      const why = fault.impossible?.(fleet);
      if (why) skip(why);
      const { violations, counts } = await trial(fault, times.short, { fleet, corpus, random: new Random(SEED) });
      expect(violations.slice(0, 10)).toEqual([]);
      expect(counts.requests).toBeGreaterThan(0);
      expect(counts.lines).toBeGreaterThan(0);
      if (mayRefuse.length === 0) expect(counts.refused).toBe(0);
    });
  }
}
