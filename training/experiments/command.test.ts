import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const run = (script: string, ...args: string[]) => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
};

describe("the commands of experiments", () => {
  it.each(["copying.js", "adding.js", "gradient.js", "moving-digits.js", "cells.js"])(
    "%s knows its options",
    (script) => {
      const { status, stderr } = run(script, "--size", "7.5", "--colour", "red");
      expect(status).toBe(2);
      expect(stderr).toMatch(/^Unknown option .* allowed are --\w+, .*--out\n$/);
    },
  );

  it("say what they take, what is wrong with a number, and where they cannot write, before they begin", () => {
    const help = run("adding.js", "--help");
    expect(help).toMatchObject({ status: 0, stderr: "" });
    expect(help.stdout).toMatch(/^usage: node .*adding.js \[--lag …\] .*\[--out …\]\n.*docs\/experiments.md\n$/);
    expect(run("copying.js", "--lag", "-3")).toMatchObject({
      status: 2,
      stderr: "--lag must be an integer of at least 2, not -3\n",
    });
    const file = fileURLToPath(import.meta.url);
    for (const script of ["adding.js", "gradient.js", "moving-digits.js", "evolution.js"]) {
      expect(run(script, "--out", file)).toMatchObject({
        status: 2,
        stderr: `--out ${file}: cannot be written to: EEXIST\n`,
      });
    }
  });

  it("say in one line what is wrong with the data", () => {
    const { status, stderr } = run("cells.js", "--data", "/no/such/folder", "--cell", "rnn");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "rnn\nno such file: /no/such/folder/train.de\n" });
  });
});
