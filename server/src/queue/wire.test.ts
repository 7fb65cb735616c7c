import { expect, it } from "vitest";
import type { SegmentEvent } from "./port.js";
import { pack, unpack } from "./wire.js";

it("says every event as it was, weights to the last bit", () => {
  const best = { text: "a", score: -0.1, logProbability: -0.3, tokens: [], finishReason: "end" } as const;
  const alignment = [
    [0.1, 0.9, 1e-9],
    [Math.PI, 0, 1],
  ].map((row) => row.map(Math.fround));
  const result = {
    hypotheses: [{ ...best, alignment }, { ...best, alignment: [] }, best],
    modelVersion: "0",
    sourceTokens: 3,
  };
  const events: SegmentEvent[] = [
    { id: "1", type: "piece", index: 0, text: "é" },
    { id: "2", type: "result", result },
    { id: "3", type: "error", error: { code: "INTERNAL", message: "m", details: { reason: "R" } } },
  ];
  expect(unpack(pack(events))).toEqual(events);
  expect(pack(events)).not.toContain("0.8999");
});
