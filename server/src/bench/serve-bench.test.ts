import { describe, expect, it } from "vitest";
import { benchPath, benchScaling } from "./serve-bench.js";

describe("the bench of serving", () => {
  it("measures the path in processes of its own", async () => {
    const { rows, latencyMs } = await benchPath({ seconds: 0.3 });
    expect(rows.map((r) => r.sentencesPerCall)).toEqual([1, 8, 32]);
    for (const row of rows) expect(row.sentencesPerSecond).toBeGreaterThan(0);
    expect(latencyMs.stack).toBeGreaterThan(latencyMs.engine);
  });

  it("measures workers beside each other", async () => {
    const rows = await benchScaling({ seconds: 0.5 });
    expect(rows.map((r) => r.workers)).toEqual([1, 2, 4]);
    expect(rows[0]!.linear).toBe(1);
  });
});
