import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "./repository.js";

const documents = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], {
  cwd: repository,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .filter((f) => existsSync(join(repository, f)));

/** Relative links that lead nowhere, and names in links like [`train`](train.ts) that the file does not hold. */
function broken(document: string, text: string): string[] {
  return [...text.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].flatMap(([, label, link]) => {
    if (/^(https?:|mailto:|#)/.test(link!)) return [];
    const path = join(repository, dirname(document), link!.split("#")[0]!);
    if (!existsSync(path)) return [`${document}: ${link} is not there`];
    const symbol = /^`([A-Za-z]\w*)`$/.exec(label!)?.[1];
    if (symbol && /\.ts$/.test(path) && !new RegExp(`\\b${symbol}\\b`).test(readFileSync(path, "utf8"))) {
      return [`${document}: ${link} does not hold ${symbol}`];
    }
    return [];
  });
}

describe("the documentation", () => {
  it("has links that lead somewhere, to names that are there", () => {
    expect(documents).toContain("docs/architecture.md");
    expect(documents.flatMap((d) => broken(d, readFileSync(join(repository, d), "utf8")))).toEqual([]);
  });

  it("is really looked at (the control of the check above)", () => {
    const bad =
      "[a](nowhere.md) and [`noSuchName`](../server/src/roles.ts) and [`startServer`](../server/src/roles.ts)";
    expect(broken("docs/x.md", bad)).toEqual([
      "docs/x.md: nowhere.md is not there",
      "docs/x.md: ../server/src/roles.ts does not hold noSuchName",
    ]);
  });
});
