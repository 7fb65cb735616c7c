import { describe, expect, it } from "vitest";
import { createEmbeddedQueue } from "./embedded.js";
import type { SegmentProcessor } from "./port.js";
import { MODEL, resultOf, segment, submit, textOf } from "./test-support/capitals.js";
import { describeQueue } from "./test-support/conformance.js";

describeQueue("embedded", {
  async open(options) {
    const { client, worker } = createEmbeddedQueue(options);
    return { client, workers: [worker] };
  },
});

/** Ends every segment before it returns, as a worker does with those that are too long or of a version it has not. */
const prompt: SegmentProcessor = {
  models: [MODEL],
  capacity: 4,
  async process(orders, onEvent) {
    for (const { segment } of orders) onEvent(resultOf(segment));
  },
};

describe("the embedded queue", () => {
  it("answers any number of segments that end while they are given", async () => {
    const { client, worker } = createEmbeddedQueue({ maxQueued: 100_000 });
    const answers = Array.from({ length: 10_000 }, () => submit(client, segment("a", { priority: "batch" })));
    await worker.start(prompt);
    expect(new Set((await Promise.all(answers)).map(textOf))).toEqual(new Set(["A"]));
    await client.close();
  });
});
