import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { Slices } from "./slices.js";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("works of several go on side by side, all together for one slice in a turn of the event loop", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.useFakeTimers({ toFake: ["setImmediate"] });
  const slices = new Slices();
  const done: number[] = [];
  const work = async (worker: number) => {
    for (let step = 0; step < 20; step++) {
      await slices.turn();
      now += 1; // ms
      done.push(worker);
    }
  };
  void Promise.all([0, 1, 2].map(work));
  await setTimeout(1);
  for (let before = 0; before < 60; vi.runOnlyPendingTimers(), await setTimeout(1)) {
    expect(done.length - before).toBeGreaterThanOrEqual(5);
    expect(done.length - before).toBeLessThanOrEqual(5 + 2); // the others had looked at the clock
    before = done.length;
    if (before >= 55) break;
  }
  vi.runOnlyPendingTimers();
  await setTimeout(1);
  expect(done).toEqual(Array.from({ length: 60 }, (_, k) => k % 3));
});
