import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_KEYS, loadConfig } from "@carousel/server";
import { describe, expect, it } from "vitest";
import { repository } from "./repository.js";

const operations = readFileSync(join(repository, "docs", "operations.md"), "utf8");

/** Defaults by key, as the table of options says them; keys that belong together share a row. */
function documentedDefaults(): Map<string, string> {
  const [table = ""] = operations.slice(operations.indexOf("| key | default |")).split("\n\n");
  const rows = table.split("\n").slice(2);
  const pairs = rows.flatMap((row) => {
    const [keys = "", defaults = ""] = row.replaceAll("`", "").slice(2).split(" | ");
    const values = defaults.split(/, (?![^(]*\))/);
    return keys.split(", ").map((key, k) => [key, values[k] ?? ""] as const);
  });
  return new Map(pairs);
}

/** Keys of the flags that a role has. */
function flagsOf(role: string): string[] {
  const help = execFileSync(process.execPath, [join(repository, "cli", "bin", "carousel.mjs"), role, "--help"]);
  const flags = [...help.toString().matchAll(/^ {2}--([a-z-]+)/gm)].map(([, flag]) => flag!);
  return flags.map((flag) => flag.replace(/-[a-z]/g, (c) => c[1]!.toUpperCase()));
}

describe("the settings of a server", () => {
  it("are in docs/operations.md, each with its default", () => {
    const said = documentedDefaults();
    expect([...said.keys()].sort()).toEqual([...CONFIG_KEYS].sort());
    for (const [key, value] of Object.entries(loadConfig({}, {}))) {
      expect(said.get(key), key).toBe(Array.isArray(value) ? "none" : String(value));
    }
  });

  it("are flags, but for the one that is secret", () => {
    const keys = CONFIG_KEYS.filter((key) => key !== "adminToken").sort();
    expect(flagsOf("serve").sort()).toEqual(keys);
    expect(new Set([...flagsOf("gateway"), ...flagsOf("worker"), "glossaries"])).toEqual(new Set(keys));
  });
});

it("the metrics of docs/operations.md are those that there are", () => {
  const folder = join(repository, "server", "src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((f) => /(?<!\.test)\.ts$/.test(f));
  const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
  const there = sources.flatMap((f) => namesIn(readFileSync(join(folder, f), "utf8"), /"(carousel_[a-z_]+)"/g));
  const said = namesIn(operations, /`(carousel_[a-z_]+)[`{]/g);
  expect([...new Set(said)].sort()).toEqual([...new Set(there)].sort());
});
