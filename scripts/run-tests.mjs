// Runs Vitest over all packages and ends with one line that says how many tests passed and failed.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = await mkdtemp(join(tmpdir(), "carousel-tests-"));
const report = join(folder, "report.json");
const vitest = join("node_modules", "vitest", "vitest.mjs");
const child = spawn(
  process.execPath,
  [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { stdio: "inherit" },
);
const code = await new Promise((resolve) => child.on("close", resolve));
const results = await readFile(report, "utf8").then(JSON.parse, () => undefined);
await rm(folder, { recursive: true, force: true });

if (!results) {
  console.log("0 passed, 1 failed");
  process.exit(code || 1);
}
// a file that cannot be loaded, and an error outside of any test, fail the run without a failed test
const unloaded = results.testResults.filter((f) => f.status === "failed" && f.assertionResults.length === 0).length;
const other = code !== 0 && results.numFailedTests + unloaded === 0 ? 1 : 0;
const failed = results.numFailedTests + unloaded + other;
const skipped = results.numPendingTests + results.numTodoTests;
console.log(`${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(failed > 0 ? 1 : 0);
