import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkBundle } from "../check-bundle.js";
import { searchOptions } from "../gateway/validate.js";
import type { Segment, SegmentEvent, SegmentResult } from "../queue/port.js";
import { segment } from "../queue/test-support/capitals.js";
import { candidatesOf } from "./candidates.js";
import { createEngine, servingModel } from "./create-engine.js";
import type { Engine } from "./engine.js";

const models = fileURLToPath(new URL("../../../tests/fixtures/ctc-bundles", import.meta.url));
/** Short ones that give few tokens or none, and long ones. */
const TEXTS = ["彼は医者です。", "本", "私は学生です。これは本です。", "何", "それは何ですか。", "。"];

const listed = fileURLToPath(new URL("../../../tests/fixtures/bundles-v4", import.meta.url));

describe("the engine, on a bundle whose encoder gives all tokens at once", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine([`${models}/v1-tiny-ctc`], { intraOpThreads: 1, maxBatchSentences: 4 });
  });
  afterAll(() => engine.close());

  const process = async (wanted: readonly Segment[]): Promise<SegmentEvent[]> => {
    const events: SegmentEvent[] = [];
    const { signal } = new AbortController();
    await engine.process(
      wanted.map((s) => ({ segment: s, signal })),
      (event) => void events.push(event),
    );
    return wanted.flatMap((s) => events.filter((e) => e.id === s.id));
  };
  const results = async (wanted: readonly Segment[]): Promise<SegmentResult[]> =>
    (await process(wanted)).flatMap((event) => (event.type === "result" ? [event.result] : []));
  const translate = (text: string, options: Parameters<typeof searchOptions>[0] = {}) =>
    segment(text, { model: "v1-tiny-ctc", options: searchOptions(options) });

  it("gives a sentence the same tokens alone and in company, whatever the beam", async () => {
    const wishes = [{ beamSize: 1 }, { beamSize: 2 }, { beamSize: 5, lengthPenalty: 0 }, { beamSize: 16 }];
    const all = TEXTS.flatMap((text) => wishes.map((wish) => translate(text, wish)));
    const together = await results(all);
    expect(together).toHaveLength(all.length);
    const texts = together.map((r) => r.hypotheses[0]!.text);
    for (const [k, wanted] of all.entries()) {
      const [alone] = await results([{ ...wanted, id: `alone ${k}` }]);
      expect(alone!.hypotheses[0]!.text).toBe(texts[k]);
      expect(texts[k]).toBe(texts[k - (k % wishes.length)]);
      expect(alone!.hypotheses[0]!.finishReason).not.toBe("length");
    }
    expect(new Set(texts).size).toBeGreaterThan(3);
  });

  it("gives other hypotheses of like length, less likely, and the tokens' own log-probabilities", async () => {
    const [result] = await results([translate(TEXTS[2]!, { beamSize: 4, nBest: 4 })]);
    const { hypotheses } = result!;
    expect(hypotheses).toHaveLength(4);
    expect(new Set(hypotheses.map((h) => h.text)).size).toBe(4);
    expect(new Set(hypotheses.map((h) => h.tokens.length)).size).toBe(1);
    hypotheses.forEach((h, k) => {
      if (k > 0) expect(h.score).toBeLessThanOrEqual(hypotheses[k - 1]!.score);
      expect(h.tokens.reduce((sum, t) => sum + t.logProbability, 0)).toBeCloseTo(h.logProbability, 4);
      expect(h.logProbability).toBeGreaterThan(-30);
    });
  });

  it("says from which source token each token comes", async () => {
    const [result] = await results([translate(TEXTS[4]!, { beamSize: 2, alignments: true })]);
    const { alignment, tokens } = result!.hypotheses[0]!;
    expect(alignment).toHaveLength(tokens.length);
    const places = alignment!.map((weights) => weights.indexOf(1));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("is found whole", async () => {
    await expect(checkBundle(`${models}/v1-tiny-ctc`)).resolves.toMatchObject({ source: "彼は医者です。" });
  });
});

describe.each(["v4-tiny-ctc", "v4-tiny-int8"])("the engine, where the encoder takes a shortlist: %s", (name) => {
  it("says what the words of the source may become, together as alone, and anything when it is off", async () => {
    const folder = `${listed}/${name}`;
    const engine = await createEngine([folder], { intraOpThreads: 1, maxBatchSentences: 8 });
    const { manifest, lexicon, source, target } = await servingModel(folder);
    const process = async (wanted: readonly Segment[]): Promise<string[]> => {
      const found = new Map<string, string>();
      const { signal } = new AbortController();
      await engine.process(
        wanted.map((s) => ({ segment: s, signal })),
        (event) => void (event.type === "result" && found.set(event.id, event.result.hypotheses[0]!.text)),
      );
      return wanted.map(({ id }) => found.get(id)!);
    };
    const wish = (noShortlist: boolean) => (text: string, k: number) => ({
      ...segment(text, { model: manifest.name, options: searchOptions({ beamSize: 1, noShortlist }) }),
      id: `${k} ${noShortlist}`,
    });
    const held = TEXTS.map(wish(false));
    const free = TEXTS.map(wish(true));
    const [said, freely] = [await process(held), await process(free)];
    // in one batch with some that are not held to it
    const mixed = held.flatMap((s, k) => [s, free[k]!]);
    expect(await process(mixed)).toEqual(mixed.map((_, k) => (k % 2 === 0 ? said : freely)[k >> 1]));
    for (const [k, text] of said.entries()) {
      expect(await process([held[k]!])).toEqual([text]);
      const may = candidatesOf(lexicon!, { source: source!.encode(TEXTS[k]!), forced: [] });
      expect([...may]).toEqual(expect.arrayContaining(target.encode(text)));
    }
    expect(freely).not.toEqual(said);
    await expect(checkBundle(folder)).resolves.toBeDefined();
    await engine.close();
  });
});
