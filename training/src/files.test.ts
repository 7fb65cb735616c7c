import { appendFile, mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { appendJsonLines, readJson, readJsonLines, writeAtomically, writeJsonLines } from "./files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-files-"));
});
const at = (name: string) => join(folder, name);

describe("a file of one JSON document a line", () => {
  it("is read without what a crash has left of its last line", async () => {
    await writeJsonLines(at("log"), [{ step: 1 }]);
    await appendJsonLines(at("log"), [{ step: 2 }, { step: 3 }]);
    await appendFile(at("log"), '{"step": 4');
    expect(await readJsonLines(at("log"))).toEqual([{ step: 1 }, { step: 2 }, { step: 3 }]);
    expect(await readJsonLines(at("none"))).toEqual([]);
  });

  it("names the line that is no JSON", async () => {
    await writeFile(at("log"), "{}\n{]\n{}\n");
    await expect(readJsonLines(at("log"))).rejects.toThrow(`${at("log")}, line 2, is not JSON`);
    await expect(readJson(at("log"))).rejects.toThrow(`${at("log")} is not JSON`);
  });
});

describe("a file that cannot be written", () => {
  it("is named, and leaves nothing half written behind", async () => {
    await mkdir(at("taken"));
    await expect(writeAtomically(at("taken"), [Buffer.from("text")])).rejects.toThrow(`cannot write ${at("taken")}: `);
    expect(await readdir(folder)).toEqual(["taken"]);
    await expect(writeAtomically(at("no/file"), [])).rejects.toThrow(
      `cannot write ${at("no/file")}: there is no such folder`,
    );
    await expect(appendJsonLines(at("taken"), [1])).rejects.toThrow(`cannot write ${at("taken")}: `);
  });

  it("has what it had before", async () => {
    await writeFile(at("kept"), "before");
    await mkdir(at("kept.tmp"));
    await expect(writeAtomically(at("kept"), [Buffer.from("after")])).rejects.toThrow(/cannot write/);
    expect(await readFile(at("kept"), "utf8")).toBe("before");
  });
});
