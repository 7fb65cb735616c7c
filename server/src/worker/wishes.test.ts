import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkBundle } from "../check-bundle.js";
import { type GenerateWishes, samplingOptions, searchOptions, type TranslateWishes } from "../gateway/validate.js";
import type { Segment, SegmentEvent, SegmentResult } from "../queue/port.js";
import { segment } from "../queue/test-support/capitals.js";
import { createEngine } from "./create-engine.js";
import type { Engine } from "./engine.js";

const bundle = (path: string) => fileURLToPath(new URL(`../../../tests/fixtures/${path}`, import.meta.url));
const FOLDERS = ["bundles-v2/v2-tiny-translation", "bundles-v2/v2-tiny-generation", "bundles/v1-tiny-translation"];
const TEXT = "彼は医者です。";

describe("what a request may ask, on frozen bundles of format version 2", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(FOLDERS.map(bundle), { intraOpThreads: 1 });
  });
  afterAll(() => engine.close());

  const process = async (wanted: Segment): Promise<SegmentEvent[]> => {
    const events: SegmentEvent[] = [];
    await engine.process(
      [{ segment: wanted, signal: new AbortController().signal }],
      (event) => void events.push(event),
    );
    return events;
  };
  const resultOf = async (wanted: Segment): Promise<SegmentResult> => {
    const last = (await process(wanted)).at(-1)!;
    if (last.type !== "result") throw new Error(JSON.stringify(last));
    return last.result;
  };
  const translate = (options: TranslateWishes = {}, more: Partial<Segment> = {}) =>
    segment(TEXT, { model: "v2-tiny-translation", options: searchOptions({ maxLength: 20, ...options }), ...more });
  const generate = (options: GenerateWishes = {}, more: Partial<Segment> = {}): Segment => ({
    ...segment("He", { model: "v2-tiny-generation", task: "generate" }),
    options: samplingOptions({ maxTokens: 40, seed: 3, ...options }),
    ...more,
  });
  const piecesOf = ({ hypotheses }: SegmentResult) => hypotheses[0]!.tokens.map((t) => t.piece);

  it("finds the bundles whole", async () => {
    for (const folder of FOLDERS) await expect(checkBundle(bundle(folder))).resolves.toBeDefined();
  });

  it("completes a prefix, n times", async () => {
    const { hypotheses } = await resultOf(translate({ beamSize: 4, nBest: 4 }, { target: "He is" }));
    expect(hypotheses).toHaveLength(4);
    expect(new Set(hypotheses.map((h) => h.text)).size).toBe(4);
    for (const { text } of hypotheses) expect(text.startsWith("He is")).toBe(true);
    const [last] = await process(translate({ maxLength: 3 }, { target: "He is a doctor." }));
    expect(last).toMatchObject({
      error: {
        message: expect.stringMatching(/^target_prefixes has \d+ tokens; the limit of options.max_length is 2$/),
      },
    });
  });

  it("never chooses a suppressed token, and names one that is none", async () => {
    const [piece] = piecesOf(await resultOf(translate({ beamSize: 1 })));
    const other = await resultOf(translate({ beamSize: 1, suppress: [piece!] }));
    expect(piecesOf(other)).not.toContain(piece);
    const [bad] = await process(translate({ suppress: ["not one token"] }));
    expect(bad).toMatchObject({
      error: {
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(/^options.suppress has "not one token", which is no token of .*: it is "/),
      },
    });
  });

  it("ends neither before the minimum nor after the maximum", async () => {
    const long = await resultOf(translate({ beamSize: 3, minLength: 12, noRepeatNgram: 3 }));
    expect(long.hypotheses[0]!.tokens.length).toBeGreaterThan(12);
    const short = await resultOf(translate({ beamSize: 1, minLength: 4, maxLength: 4, noRepeatNgram: 3 }));
    expect(short.hypotheses[0]).toMatchObject({ finishReason: "length" });
    expect(piecesOf(short)).toHaveLength(4);
  });

  it("refuses a minimum that its model cannot reach", async () => {
    const messageOf = async (wanted: Segment) => {
      const last = (await process(wanted)).at(-1)!;
      return last.type === "error" ? last.error.message : last.type;
    };
    const translation = translate({ minLength: 4000, maxLength: 4000 });
    expect(await messageOf(translation)).toMatch(
      /^options.min_length is 4000; the limit of v2-tiny-translation is \d+$/,
    );
    const generation = generate({ minTokens: 4096, maxTokens: 4096 });
    expect(await messageOf(generation)).toMatch(/^min_tokens is 4096; behind the prompt .* has room for \d+$/);
  });

  it("refuses what would be ignored", () => {
    const asked = (wishes: TranslateWishes) => () => searchOptions(wishes);
    expect(asked({ topK: 5 })).toThrow("options.top_k is 5; it is for draws, whose temperature is above 0");
    expect(asked({ topP: 0.5 })).toThrow("options.top_p is 0.5; it is for draws");
    expect(asked({ temperature: 1, patience: 2 })).toThrow("options.patience is 2; with a temperature above 0");
    expect(asked({ temperature: 1, topK: 5, topP: 0.5 })).not.toThrow();
    expect(() => samplingOptions({ temperature: 0, topK: 5 })).not.toThrow(); // the likeliest is among the five
  });

  it("repeats no n-gram, and repeats itself less under a penalty", async () => {
    const free = piecesOf(await resultOf(generate({ temperature: 0 })));
    const pairs = (pieces: readonly string[]) => pieces.slice(1).map((p, k) => `${pieces[k]} ${p}`);
    expect(new Set(pairs(free)).size).toBeLessThan(pairs(free).length);
    const guarded = pairs(piecesOf(await resultOf(generate({ temperature: 0, noRepeatNgram: 2 }))));
    expect(new Set(guarded).size).toBe(guarded.length);
    const penalized = piecesOf(await resultOf(generate({ temperature: 0, repetitionPenalty: 3 })));
    expect(new Set(penalized).size).toBeGreaterThan(new Set(free).size);
  });

  it("finds more hypotheses with patience, the same first ones without", async () => {
    const plain = await resultOf(translate({ beamSize: 2, nBest: 2 }));
    const patient = await resultOf(translate({ beamSize: 2, nBest: 2, patience: 4 }));
    expect(patient.hypotheses[0]!.score).toBeGreaterThanOrEqual(plain.hypotheses[0]!.score);
  });

  it("draws the same under the same seed, something else under another", async () => {
    const draw = async (seed: number) => (await resultOf(translate({ temperature: 1, seed }))).hypotheses[0]!.text;
    expect(await draw(1)).toBe(await draw(1));
    expect(new Set(await Promise.all([1, 2, 3, 4].map(draw))).size).toBeGreaterThan(1);
  });

  it("lets be what repeats itself where loops are allowed", async () => {
    const options = { beamSize: 1, maxLength: 40, minLength: 39, suppress: ["<unk>"] };
    const allowed = await resultOf(translate({ ...options, allowLoops: true }));
    expect(allowed.guarded).toBeUndefined();
    expect(allowed.hypotheses[0]!.finishReason).not.toBe("loop");
    expect(allowed.hypotheses[0]!.text).not.toBe((await resultOf(translate(options))).hypotheses[0]!.text);
  });

  it("decodes a loop again with a guard, and says so", async () => {
    const looped = await resultOf(translate({ beamSize: 1, maxLength: 40, minLength: 39, suppress: ["<unk>"] }));
    expect(looped.guarded).toBe(true);
    const pieces = piecesOf(looped);
    const triples = pieces.slice(2).map((p, k) => `${pieces[k]} ${pieces[k + 1]} ${p}`);
    expect(new Set(triples).size).toBe(triples.length);
    expect(looped.hypotheses[0]!.finishReason).not.toBe("loop");
  });

  it("links every token to the source, and says what was covered", async () => {
    const { hypotheses, sourcePieces } = await resultOf(translate({ beamSize: 2, alignments: true }));
    const { links, tokens, alignment, omission, repetition } = hypotheses[0]!;
    expect(alignment).toHaveLength(tokens.length);
    for (const [source, token] of links!) {
      expect(source).toBeLessThan(sourcePieces!.length);
      expect(Math.max(...alignment![token]!)).toBe(alignment![token]![source]);
    }
    for (const share of [omission!, repetition!]) expect(share >= 0 && share <= 1).toBe(true);
  });

  it("stops before a stop sequence, streamed or not", async () => {
    const free = (await resultOf(generate())).hypotheses[0]!.text;
    const stop = free.slice(4, 7);
    const events = await process(generate({ stop: ["never", stop] }, { stream: true }));
    const last = events.at(-1)!;
    if (last.type !== "result") throw new Error(JSON.stringify(last));
    const { text, finishReason } = last.result.hypotheses[0]!;
    expect({ text, finishReason }).toEqual({ text: free.slice(0, free.indexOf(stop)), finishReason: "stop" });
    expect(events.map((e) => (e.type === "piece" ? e.text : "")).join("")).toBe(text);
    const unstopped = (await resultOf(generate({ stop: ["never"] }))).hypotheses[0]!;
    expect(unstopped).toMatchObject({ text: free });
  });

  it("refuses what a decoder of format 1 does not know, by name, and does the rest", async () => {
    const old = (options: TranslateWishes) => process({ ...translate(options), model: "v1-tiny-translation" });
    const refusals = { patience: 2, suppress: ["a"], repetitionPenalty: 2, noRepeatNgram: 2 };
    for (const [name, value] of Object.entries(refusals)) {
      const [event] = await old({ [name]: value });
      const wire = name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
      expect(event).toMatchObject({
        error: { code: "FAILED_PRECONDITION", message: expect.stringContaining(`knows no ${wire}`) },
      });
    }
    const [event] = await old({ coveragePenalty: 0.2, minLength: 3, temperature: 1, alignments: true });
    expect(event).toMatchObject({ type: "result" });
  });
});
