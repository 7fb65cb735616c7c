import { describe, expect, it } from "vitest";
import { createEmbeddedQueue } from "./embedded.js";
import { Capitals, segment, until } from "./test-support/capitals.js";
import { rankOfTurn, turnOf } from "./turn.js";

const NOON = 1_800_000_000_000;
const after = (seconds: number) => NOON + 1000 * seconds;

describe("whose turn it is", () => {
  it("is the more urgent's, and in the end of what has waited long", () => {
    expect(turnOf("interactive", NOON)).toBeLessThan(turnOf("normal", NOON));
    expect(turnOf("normal", NOON)).toBeLessThan(turnOf("batch", NOON));
    expect(turnOf("interactive", after(59))).toBeLessThan(turnOf("batch", NOON));
    expect(turnOf("batch", NOON)).toBeLessThan(turnOf("interactive", after(61)));
  });

  it("is a priority that the queue knows, at any time", () => {
    for (let day = 0; day < 60; day++) {
      const turn = rankOfTurn(turnOf("batch", after(86_400 * day)));
      expect(turn).toBeGreaterThanOrEqual(1);
      expect(turn).toBeLessThanOrEqual(2 ** 21);
    }
  });

  it("lets batch work go before interactive requests that come a minute later", async () => {
    let now = NOON;
    const { client, worker } = createEmbeddedQueue({ maxQueued: 100, now: () => now });
    const ask = (text: string, priority: "interactive" | "batch") =>
      client.submit(segment(text, { priority }), () => {});
    ask("old batch", "batch");
    now = after(30);
    ask("early", "interactive");
    now = after(100);
    ask("late", "interactive");
    const processor = new Capitals(1);
    await worker.start(processor);
    await until(() => processor.seen.length === 3);
    expect(processor.seen.map((order) => order.segment.text)).toEqual(["early", "old batch", "late"]);
    await client.close();
  });
});
