import { setImmediate } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { ModelCatalog } from "../gateway/model-catalog.js";
import { searchOptions } from "../gateway/validate.js";
import type { QueueClient, Segment, SegmentFailure, ServedModel } from "../queue/port.js";
import { Translator } from "./translator.js";

const MODEL: ServedModel = {
  name: "m",
  version: "0123456789abcdef",
  task: "translation",
  sourceLanguage: "ja",
  targetLanguage: "en",
  sourceLimit: 100,
  targetLimit: 100,
  manifestHash: "0123456789abcdef",
};

/** A queue that refuses everything at once, and what it was asked for. */
function refusing(error: SegmentFailure) {
  const asked: Segment[] = [];
  const queue: QueueClient = {
    maxQueued: 1000,
    submit(segment, onEvent) {
      asked.push(segment);
      onEvent({ id: segment.id, type: "error", error });
    },
    models: async () => [MODEL],
    workers: async () => [],
    ready: async () => {},
    depth: async () => 0,
    quarantined: async () => 0,
    close: async () => {},
  };
  return { asked, translator: new Translator(queue, new ModelCatalog(queue)) };
}

test("a call whose first sentence is refused asks for no other", async () => {
  const { asked, translator } = refusing({ code: "RESOURCE_EXHAUSTED", message: "the queue is full", details: {} });
  const texts = Array.from({ length: 200 }, (_, k) => `${k}彼は医者です。これは本です。`);
  const options = searchOptions({});
  const call = { query: { model: "m" }, texts, options, priority: "normal", deadline: Date.now() + 1000 } as const;
  await expect(translator.translate(call)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  expect(asked).toHaveLength(1);
});

test("a call of several draws that is refused is refused, and does not end the process", async () => {
  const { asked, translator } = refusing({ code: "RESOURCE_EXHAUSTED", message: "the queue is full", details: {} });
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const options = searchOptions({ temperature: 1, nBest: 3 });
  const texts = ["彼は医者です。"];
  const call = { query: { model: "m" }, texts, options, priority: "normal", deadline: Date.now() + 1000 } as const;
  await expect(translator.translate(call)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  expect(asked).toHaveLength(1);
  await setImmediate();
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
