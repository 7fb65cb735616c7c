// Planted into a process by the tests alone: it keeps memory and open files for ever.
import { openSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/** So much is kept each time: more than a heap that was just filled by a start gives back. */
const BYTES = 8 * 1024 * 1024;
const EACH_MS = 250;

const kept: unknown[] = [];
if (isMainThread) {
  setInterval(() => void kept.push(Buffer.alloc(BYTES, 1), openSync("/dev/null", "r")), EACH_MS).unref();
}
