import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder } from "./make-folder.js";

describe("makeFolder", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "carousel-folder-"));
  });
  afterAll(() => rm(root, { recursive: true }));

  it("makes what is missing, and says where that begins", async () => {
    const folder = join(root, "a", "b", "c");
    expect(await makeFolder(folder)).toBe(join(root, "a"));
    expect(await makeFolder(folder)).toBeUndefined();
    await Promise.all([1, 2, 3].map((n) => makeFolder(join(root, "d", "e", `${n}`))));
    for (const made of [folder, join(root, "d", "e", "3")]) expect((await stat(made)).isDirectory()).toBe(true);
  });

  it("fails where a file is in the way", async () => {
    await writeFile(join(root, "file"), "");
    await expect(makeFolder(join(root, "file", "x"))).rejects.toThrow(
      `the folder ${join(root, "file")} cannot be made: EEXIST`,
    );
  });

  it.runIf(existsSync("/proc/self"))("fails where no folder can be made", async () => {
    await expect(makeFolder("/proc/x/y")).rejects.toThrow("the folder /proc/x cannot be made: ENOENT");
  });
});
