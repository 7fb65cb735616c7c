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

/** What a heading is called in a link, as GitHub has it. */
function anchorOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text.replace(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
}

function anchors(text: string): string[] {
  return [...text.replace(/```.*?```/gs, "").matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));
}

/** Relative links that lead nowhere, to headings that are not there, and names in links like [`train`](train.ts) that the file does not hold. */
function broken(document: string, text: string): string[] {
  return [...text.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)].flatMap(([, label, link]) => {
    if (/^(https?:|mailto:)/.test(link!)) return [];
    const [file, anchor] = link!.split("#");
    const path = file ? join(repository, dirname(document), file) : "";
    if (path && !existsSync(path)) return [`${document}: ${link} is not there`];
    if (anchor && !anchors(path ? readFileSync(path, "utf8") : text).includes(anchor)) {
      return [`${document}: ${link} is no heading`];
    }
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
      "# One\n[a](nowhere.md), [b](#one), [c](#two), [d](../README.md#three) and [`noSuchName`](../server/src/roles.ts) and [`startServer`](../server/src/roles.ts)";
    expect(broken("docs/x.md", bad)).toEqual([
      "docs/x.md: nowhere.md is not there",
      "docs/x.md: #two is no heading",
      "docs/x.md: ../README.md#three is no heading",
      "docs/x.md: ../server/src/roles.ts does not hold noSuchName",
    ]);
  });
});
