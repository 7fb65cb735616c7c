import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./repository.js";

export const chart = join(repository, "k8s", "carousel");

/** sha256 over the names and contents of the chart's files. */
export function chartHash(): string {
  const hash = createHash("sha256");
  const files = readdirSync(chart, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  for (const path of files.map((f) => join(f.parentPath, f.name)).sort()) {
    hash.update(path.slice(chart.length)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}
