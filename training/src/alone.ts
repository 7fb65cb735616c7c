import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { namingFile } from "./files.js";

/** Another process is at work where only one may be. */
export class OccupiedError extends Error {
  override readonly name = "OccupiedError";
}

export interface Place {
  /** What only one may work on, for people. */
  readonly path: string;
  /** A file with the number of the process that does; that of a process that is gone, however it ended, does not count. */
  readonly lock: string;
}

/** Of this process: one with its number that is not among them was left by another, before a container started again. */
const held = new Set<string>();

/**
 * Works on something while no other process does, and nothing else in this one.
 * @throws OccupiedError naming the place and the process that works on it
 */
export async function alone<T>(place: Place, work: () => Promise<T>): Promise<T> {
  const lock = resolve(place.lock);
  while (!(await create(lock))) {
    const holder = Number(readFileSync(lock, "utf8"));
    if (held.has(lock) || (holder !== process.pid && isAlive(holder))) {
      throw new OccupiedError(
        `process ${holder} is at work on ${place.path}: wait for its end (if it does something else, remove ${place.lock})`,
      );
    }
    rmSync(lock, { force: true });
  }
  held.add(lock);
  try {
    return await work();
  } finally {
    held.delete(lock);
    rmSync(lock, { force: true });
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
