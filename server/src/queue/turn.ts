import type { Priority } from "./port.js";

/** Milliseconds that a segment lets others of interactive priority go ahead that come after it. */
const YIELDS: Readonly<Record<Priority, number>> = { interactive: 0, normal: 5000, batch: 60_000 };
/** BullMQ has 2²¹ priorities: one for so many milliseconds. */
const TICK_MS = 200;
/** The count begins again every 4.8 days, and then those of before wait for the backlog to end. */
const RING = 2 ** 21 - 1000;

/**
 * When a segment's turn is: the lowest first. It is the time at which it came and what it yields, so the more urgent go
 * first, and nothing waits for ever: batch work that is a minute old goes before an interactive request that has just come.
 */
export function turnOf(priority: Priority, nowMs: number): number {
  return nowMs + YIELDS[priority];
}

/** A turn as a priority of BullMQ. */
export function rankOfTurn(turnMs: number): number {
  return 1 + (Math.floor(turnMs / TICK_MS) % RING);
}
