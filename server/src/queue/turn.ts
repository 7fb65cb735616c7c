import type { Priority } from "./port.js";

/** Seconds that a segment lets others of interactive priority go ahead that come after it. */
const YIELDS: Readonly<Record<Priority, number>> = { interactive: 0, normal: 5, batch: 60 };
/** BullMQ has 2²¹ priorities; the count begins again every 24 days, and then those of before wait for the backlog to end. */
const RING = 2 ** 21 - 100;

/**
 * When a segment's turn is: the lowest first. It is the second in which it came and what it yields, so the more urgent go
 * first, and nothing waits for ever: batch work that is a minute old goes before an interactive request that has just come.
 */
export function turnOf(priority: Priority, nowMs: number): number {
  return 1 + (Math.floor(nowMs / 1000) % RING) + YIELDS[priority];
}
