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
  const lookedUp: ServedModel[] = [];
  const queue: QueueClient = {
    maxQueued: 1000,
    enter: () => ({ need() {}, leave() {} }),
    submit(segment, onEvent) {
      asked.push(segment);
      onEvent({ id: segment.id, type: "error", error });
    },
    models: async () => [MODEL],
    async knownWords(model) {
      lookedUp.push(model);
      return undefined;
    },
    workers: async () => [],
    ready: async () => {},
    depth: async () => 0,
    quarantined: async () => 0,
    close: async () => {},
  };
  return { asked, lookedUp, translator: new Translator(queue, new ModelCatalog(queue)) };
}

test("a call whose first sentence is refused asks for no other", async () => {
  const { asked, lookedUp, translator } = refusing({
    code: "RESOURCE_EXHAUSTED",
    message: "the queue is full",
    details: {},
  });
  const texts = Array.from({ length: 200 }, (_, k) => `${k}彼は医者です。これは本です。`);
  const options = searchOptions({});
  const call = { query: { model: "m" }, texts, options, priority: "normal", deadline: Date.now() + 1000 } as const;
  await expect(translator.translate(call)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  expect(asked).toHaveLength(1);
  expect(lookedUp).toEqual([MODEL]); // which words it has seen, once for all texts
});

test.each([
  ["is cancelled", "CANCELLED"],
  ["has come to its deadline", "DEADLINE_EXCEEDED"],
])("a call that %s while it is cut is cut no further", async (_, code) => {
  const { asked, translator } = refusing({ code: "INTERNAL", message: "it was asked for", details: {} });
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const { segment } = Intl.Segmenter.prototype;
  const cut = vi.spyOn(Intl.Segmenter.prototype, "segment").mockImplementation(function (this: Intl.Segmenter, text) {
    now += 10; // each text takes a slice
    return segment.call(this, text);
  });
  const { signal } = new AbortController();
  const aborted = vi.spyOn(signal, "aborted", "get");
  const texts = Array.from({ length: 200 }, (_, k) => `${k}彼は医者です。これは本です。`);
  const deadline = Date.now() + 60_000;
  const call = {
    query: { model: "m" },
    texts,
    options: searchOptions({}),
    priority: "normal",
    deadline,
    signal,
  } as const;
  const answer = expect(translator.translate(call)).rejects.toMatchObject({ code });
  while (cut.mock.calls.length < 3) await setImmediate();
  if (code === "CANCELLED") aborted.mockReturnValue(true);
  else vi.spyOn(Date, "now").mockReturnValue(deadline);
  await answer;
  expect(cut.mock.calls.length).toBeLessThan(10);
  expect(asked).toHaveLength(0);
  vi.restoreAllMocks();
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
