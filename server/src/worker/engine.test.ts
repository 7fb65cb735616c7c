import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkBundle } from "../check-bundle.js";
import { samplingOptions, searchOptions } from "../gateway/validate.js";
import type { Segment, SegmentEvent, SegmentResult } from "../queue/port.js";
import { segment } from "../queue/test-support/capitals.js";
import { createEngine } from "./create-engine.js";
import type { Engine } from "./engine.js";

const fixtures = fileURLToPath(new URL("../../../tests/fixtures/bundles", import.meta.url));
const GENERATION = join(fixtures, "v1-tiny-generation");
const TRANSLATION = join(fixtures, "v1-tiny-translation");
const JAPANESE = ["彼は医者です。", "私は学生です。", "これは本です。", "それは何ですか。"];

describe("the engine, on frozen bundles of format version 1", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine([GENERATION, TRANSLATION], { intraOpThreads: 1, maxBatchSentences: 8 });
  });
  afterAll(() => engine.close());

  const live = new AbortController().signal;
  const process = async (wanted: readonly Segment[], signal = live): Promise<SegmentEvent[]> => {
    const events: SegmentEvent[] = [];
    await engine.process(
      wanted.map((s) => ({ segment: s, signal })),
      (event) => void events.push(event),
    );
    return wanted.flatMap((s) => events.filter((e) => e.id === s.id));
  };
  const resultOf = (event: SegmentEvent | undefined): SegmentResult => {
    if (event?.type !== "result") throw new Error(`no result but ${JSON.stringify(event)}`);
    return event.result;
  };
  const translate = (text: string, options: Parameters<typeof searchOptions>[0] = {}) =>
    segment(text, { model: "v1-tiny-translation", options: searchOptions({ maxLength: 15, ...options }) });

  it("gives a sentence the same hypotheses alone and in company of other lengths, beams and kinds", async () => {
    const wishes = [
      { beamSize: 1 },
      { beamSize: 2, nBest: 2 },
      { beamSize: 5, nBest: 5 },
      { beamSize: 3, lengthPenalty: 0 },
    ];
    const texts = Array.from({ length: 24 }, (_, k) => JAPANESE[k % 4]!.repeat(1 + (k % 3)));
    const all = texts.map((text, k) => translate(text, wishes[k % 4]));
    const together = (await process(all)).map(resultOf);
    for (const [k, wanted] of all.entries()) {
      const alone = resultOf((await process([{ ...wanted, id: `alone ${k}` }]))[0]);
      expect(alone.hypotheses.map((h) => h.text)).toEqual(together[k]!.hypotheses.map((h) => h.text));
      alone.hypotheses.forEach((h, n) => void expect(h.score).toBeCloseTo(together[k]!.hypotheses[n]!.score, 4));
    }
  });

  it("wakes for a segment at whatever moment it comes after the last one ended", async () => {
    for (let ticks = 0; ticks < 40; ticks++) {
      const late = new Promise<SegmentEvent[]>((resolve, reject) => {
        const submit = async () => {
          for (let k = 0; k < ticks; k++) await null;
          process([{ ...translate(JAPANESE[1]!, { beamSize: 1 }), id: `late ${ticks}` }]).then(resolve, reject);
        };
        const first = { ...translate(JAPANESE[0]!, { beamSize: 1 }), id: `first ${ticks}` };
        void engine.process([{ segment: first, signal: live }], () => void submit());
      });
      resultOf((await late)[0]);
    }
  });

  it("orders hypotheses by score, each with its tokens' log-probabilities", async () => {
    const [event] = await process([translate(JAPANESE[0]!, { beamSize: 4, nBest: 4 })]);
    const { hypotheses } = resultOf(event);
    expect(hypotheses).toHaveLength(4);
    hypotheses.forEach((h, k) => {
      if (k > 0) expect(h.score).toBeLessThanOrEqual(hypotheses[k - 1]!.score);
      expect(h.tokens.reduce((sum, t) => sum + t.logProbability, 0)).toBeCloseTo(h.logProbability, 4);
    });
  });

  it("gives a translation, when scored, the log-probability it was found with", async () => {
    const [event] = await process([translate(JAPANESE[1]!, { beamSize: 3, nBest: 3, maxLength: 40 })]);
    const ended = resultOf(event).hypotheses.find((h) => h.finishReason === "end" && !h.text.includes("⁇"));
    const target = ended?.text ?? "He is a doctor.";
    const scored = resultOf((await process([{ ...translate(JAPANESE[1]!), task: "score", target }]))[0]).hypotheses[0]!;
    expect(scored.logProbability).toBeLessThan(0);
    if (ended) expect(scored.logProbability).toBeCloseTo(ended.logProbability, 3);
  });

  it("returns attention weights that sum to 1, when asked", async () => {
    const [event] = await process([translate(JAPANESE[2]!, { beamSize: 2, alignments: true })]);
    const { alignment, tokens } = resultOf(event).hypotheses[0]!;
    expect(alignment).toHaveLength(tokens.length);
    for (const weights of alignment!) expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
  });

  it("streams pieces that join to the result, the same for a seed in any company", async () => {
    const generate = (seed: number, id: string): Segment => ({
      ...segment("He is", { model: "v1-tiny-generation", task: "generate", stream: true }),
      id,
      options: samplingOptions({ maxTokens: 30, seed }),
    });
    const alone = await process([generate(5, "a")]);
    const company = (await process([generate(5, "b"), ...JAPANESE.map((t) => translate(t)), generate(6, "c")])).filter(
      (e) => e.id === "b",
    );
    const pieces = alone.map((e) => (e.type === "piece" ? e.text : "")).join("");
    expect(pieces).toBe(resultOf(alone.at(-1)).hypotheses[0]!.text);
    expect(resultOf(company.at(-1)).hypotheses[0]!.text).toBe(pieces);
  });

  it("draws the same again for a segment that is done twice, and something else for another", async () => {
    const wanted = segment("He is", {
      ...{ model: "v1-tiny-generation", task: "generate" },
      options: samplingOptions({ maxTokens: 30 }),
    });
    const texts = (events: SegmentEvent[]) => events.map((event) => resultOf(event).hypotheses[0]!.text);
    const [first] = texts(await process([wanted]));
    expect(texts(await process([wanted]))).toEqual([first]);
    expect(texts(await process([{ ...wanted, id: "another" }]))).not.toEqual([first]);
  });

  it("answers a cancelled and an expired segment with the error, and others all the same", async () => {
    const controller = new AbortController();
    const long = { ...translate(JAPANESE[0]!), options: searchOptions({ maxLength: 40 }) };
    const cancelled = process([long], controller.signal);
    controller.abort();
    expect(await cancelled).toMatchObject([{ type: "error", error: { code: "CANCELLED" } }]);
    const expired = { ...translate(JAPANESE[1]!), deadline: Date.now() - 1 };
    const [late, good] = await process([expired, translate(JAPANESE[2]!)]);
    expect(late).toMatchObject({ type: "error", error: { code: "DEADLINE_EXCEEDED" } });
    expect(resultOf(good).hypotheses).toHaveLength(1);
  });

  it("names the limit that a text is over, and the models there are", async () => {
    const [over] = await process([translate("は".repeat(100))]);
    expect(over).toMatchObject({
      type: "error",
      error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("40") },
    });
    const [unknown] = await process([{ ...translate("a"), model: "none" }]);
    expect(unknown).toMatchObject({
      type: "error",
      error: { code: "NOT_FOUND", message: expect.stringContaining("v1-tiny") },
    });
    const [wrong] = await process([{ ...translate("a"), model: "v1-tiny-generation" }]);
    expect(wrong).toMatchObject({ type: "error", error: { code: "INVALID_ARGUMENT" } });
  });

  it("translates nothing to nothing", async () => {
    expect(resultOf((await process([translate("")]))[0]).hypotheses[0]!.text).toBe("");
  });

  it("finds the bundles whole", async () => {
    await expect(checkBundle(TRANSLATION)).resolves.toMatchObject({ source: "彼は医者です。" });
    await expect(checkBundle(GENERATION)).resolves.toBeDefined();
  });
});
