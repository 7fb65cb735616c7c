import { describe, expect, it } from "vitest";
import { stoppable } from "./interrupt.js";

describe("stoppable", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("aborts its signal on %s, and then listens no more", async (name) => {
    const before = process.listenerCount(name);
    const seen = await stoppable(async (signal) => {
      const first = signal.aborted;
      process.emit(name);
      return [first, signal.aborted, process.listenerCount(name)];
    });
    expect(seen).toEqual([false, true, before]);
  });

  it("leaves no listener behind when what it runs fails", async () => {
    const before = process.listenerCount("SIGINT");
    await expect(stoppable(() => Promise.reject(new Error("no data")))).rejects.toThrow("no data");
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
