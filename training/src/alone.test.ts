import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { alone } from "./alone.js";
import { RunFolder } from "./run-folder.js";

const temporary = async () => new RunFolder(await mkdtemp(join(tmpdir(), "carousel-alone-")));
const done = async () => "done";

describe("alone", () => {
  it("keeps out what another process, or this one, does in the folder at the same time", async () => {
    const folder = await temporary();
    const result = await alone(folder, async () => {
      await expect(alone(folder, done)).rejects.toThrow(`process ${process.pid} is training in ${folder.path}: `);
      expect(await readFile(folder.lock, "utf8")).toBe(`${process.pid}\n`);
      return done();
    });
    expect(result).toBe("done");
    const other = spawn("sleep", ["60"]);
    await writeFile(folder.lock, `${other.pid}\n`);
    await expect(alone(folder, done)).rejects.toThrow(`process ${other.pid} is training in ${folder.path}: `);
    other.kill("SIGKILL");
    await once(other, "exit");
    expect(await alone(folder, done)).toBe("done");
  });

  it("does not heed what a process left that is gone, or that had this one's number before it", async () => {
    const folder = await temporary();
    const gone = execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" });
    for (const left of [gone, `${process.pid}\n`]) {
      await writeFile(folder.lock, left);
      expect(await alone(folder, done)).toBe("done");
    }
  });

  it("leaves the folder to others when the work fails", async () => {
    const folder = await temporary();
    const fails = () => Promise.reject(new Error("out of power"));
    await expect(alone(folder, fails)).rejects.toThrow("out of power");
    await expect(access(folder.lock)).rejects.toThrow("ENOENT");
  });

  it("names the lock that it cannot write", async () => {
    const none = new RunFolder("/nowhere/at/all");
    await expect(alone(none, done)).rejects.toThrow("cannot write /nowhere/at/all/lock: there is no such folder");
  });
});
