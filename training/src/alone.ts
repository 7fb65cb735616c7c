import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { namingFile } from "../files.js";
import type { RunFolder } from "./run-folder.js";
import { TrainingError } from "./training-error.js";

/** Of this process: one with its number that is not among them was left by another, before a container started again. */
const held = new Set<string>();

/**
 * Does work in a run folder while nothing else trains there. The lock is a file with the number of the process; that of a
 * process that is gone, however it ended, does not count.
 * @throws TrainingError naming the folder and the process that trains there
 */
export async function alone<T>(folder: RunFolder, work: () => Promise<T>): Promise<T> {
  const path = resolve(folder.lock);
  while (!(await create(path))) {
    const holder = Number(readFileSync(path, "utf8"));
    if (held.has(path) || (holder !== process.pid && isAlive(holder))) {
      throw new TrainingError(
        `process ${holder} is training in ${folder.path}: wait for its end, or choose another folder (if it is no training, remove ${folder.lock})`,
      );
    }
    rmSync(path, { force: true });
  }
  held.add(path);
  try {
    return await work();
  } finally {
    held.delete(path);
    rmSync(path, { force: true });
  }
}

/** Whether there was none. */
function create(path: string): Promise<boolean> {
  return namingFile(path, async () => {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      rmSync(path, { force: true }); // a full disk leaves an empty one
      throw error;
    }
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0); // signal 0 only asks
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it is another user's
  }
}
