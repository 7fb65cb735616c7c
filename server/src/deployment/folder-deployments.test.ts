import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decided, NOTHING_DECIDED } from "./deployments.js";
import { FolderDeployments } from "./folder-deployments.js";

describe("decisions beside the bundles", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "carousel-decisions-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const open = () => FolderDeployments.open({ folder, log: pino({ level: "silent" }) });

  it("are there again after a restart", async () => {
    const first = await open();
    expect(await first.read()).toEqual(NOTHING_DECIDED);
    const change = { weights: { a: 1 }, previous: { b: 2 }, unloaded: ["b"], reloadedAt: 1 };
    const now = await first.change((before) => decided(before, "tiny", change));
    await first.close();
    expect(await (await open()).read()).toEqual(now);
  });

  it("that cannot be read are an error that names their file", async () => {
    const file = join(folder, "deployments.json");
    const named = new RegExp(`cannot be read from ${file}: .*; without the file nothing is decided$`);
    for (const text of ["", "{", "null", "[]", '{"revision":1}']) {
      await writeFile(file, text);
      await expect(open()).rejects.toThrow(named);
    }
    await rm(file);
    await mkdir(file);
    await expect(open()).rejects.toThrow(named);
  });
});
