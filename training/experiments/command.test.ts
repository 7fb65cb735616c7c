import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const run = (script: string, ...args: string[]) => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [path, ...args], { encoding: "utf8" });
  return { status, stderr };
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

  it("say in one line what is wrong with the data", () => {
    const { status, stderr } = run("cells.js", "--data", "/no/such/folder", "--cell", "rnn");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "rnn\nno such file: /no/such/folder/train.de\n" });
  });
});
