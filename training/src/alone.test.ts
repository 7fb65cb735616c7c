import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { alone } from "./alone.js";

const temporary = async () => {
  const path = await mkdtemp(join(tmpdir(), "carousel-alone-"));
  return { path, lock: join(path, "lock") };
};
const done = async () => "done";

describe("alone", () => {
  it("keeps out what another process, or this one, does at the same time", async () => {
    const place = await temporary();
    const result = await alone(place, async () => {
      await expect(alone(place, done)).rejects.toThrow(`process ${process.pid} is at work on ${place.path}: `);
      expect(await readFile(place.lock, "utf8")).toBe(`${process.pid}\n`);
      return done();
    });
    expect(result).toBe("done");
    const other = spawn("sleep", ["60"]);
    await writeFile(place.lock, `${other.pid}\n`);
    await expect(alone(place, done)).rejects.toThrow(`process ${other.pid} is at work on ${place.path}: `);
    other.kill("SIGKILL");
    await once(other, "exit");
    expect(await alone(place, done)).toBe("done");
  });

  it("does not heed what a process left that is gone, or that had this one's number before it", async () => {
    const place = await temporary();
    const gone = execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" });
    for (const left of [gone, `${process.pid}\n`]) {
      await writeFile(place.lock, left);
      expect(await alone(place, done)).toBe("done");
    }
  });

  it("leaves it to others when the work fails", async () => {
    const place = await temporary();
    const fails = () => Promise.reject(new Error("out of power"));
    await expect(alone(place, fails)).rejects.toThrow("out of power");
    await expect(access(place.lock)).rejects.toThrow("ENOENT");
  });

  it("names the lock that it cannot write", async () => {
    const none = { path: "it", lock: "/nowhere/at/all/lock" };
    await expect(alone(none, done)).rejects.toThrow("cannot write /nowhere/at/all/lock: there is no such folder");
  });
});
