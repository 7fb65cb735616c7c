import { describe, expect, it } from "vitest";
import { benchPath } from "./serve-bench.js";

describe("the bench of serving", () => {
  it("measures the path in processes of its own", async () => {
    const { rows, latencyMs } = await benchPath({ seconds: 0.3 });
    expect(rows.map((r) => r.sentencesPerCall)).toEqual([1, 8, 32]);
    for (const row of rows) expect(row.sentences).toBeGreaterThan(0);
    expect(latencyMs.added).toBe(latencyMs.stack - latencyMs.engine);
  });
});
