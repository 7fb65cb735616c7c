import { readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** Where two threads want a core, the one that is so much nicer gets about a quarter of it. */
const STEP = 5;
const NICEST = 19;

/**
 * Puts the calling thread, and those that it starts, behind the others of its process, where a thread has a priority of its
 * own (Linux). Who computes for seconds on end can wait for who answers in microseconds.
 */
export function yieldToOthers(): void {
  const thread = threadId();
  if (thread !== undefined) setPriority(thread, Math.min(NICEST, getPriority(thread) + STEP));
}

function threadId(): number | undefined {
  try {
    return Number(readlinkSync("/proc/thread-self").split("/").at(-1)); // PROCESS/task/THREAD
  } catch {
    return undefined;
  }
}
