import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addRuns, PAGE, RESULTS } from "./results.js";
import { withTables } from "./tables.js";

describe("the page of experiments", () => {
  it("shows what is in the files of results", async () => {
    const page = await readFile(PAGE, "utf8");
    expect(page).toContain("<!-- table: copying-100 -->");
    expect(await withTables(page, RESULTS)).toBe(page);
  });

  it("takes its tables from them, and leaves the text around", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tables-"));
    const run = { parameters: 1234, steps: 50, recalled: 0.126, loss: 0.05 };
    await addRuns(folder, "copying-100.json", { about: { baseline: 0.2 }, runs: { gru: { ...run, loss: 0.1 } } });
    await addRuns(folder, "copying-100.json", { about: { baseline: 0.2 }, runs: { lstm: run } });
    const place = (table: string) => `a\n<!-- table: copying-100 -->\n${table}<!-- end -->\nb\n`;
    const page = await withTables(place("old\n"), folder);
    expect(page).toBe(
      place(`
| cell | parameters | steps | loss | of the baseline | right answers |
|---|---|---|---|---|---|
| lstm | 1,234 | 50 | 0.0500 | 25 % | 13 % |
| gru | 1,234 | 50 | 0.100 | 50 % | 13 % |
| *without memory* |  |  | 0.200 | 100 % |  |

`),
    );
    expect(await withTables(page, folder)).toBe(page);
    await expect(withTables("<!-- table: none -->\n<!-- end -->", folder)).rejects.toThrow("there is no table none");
    await rm(folder, { recursive: true });
  });
});
