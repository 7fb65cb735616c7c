import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { searchOptions, type TranslateWishes } from "../gateway/validate.js";
import type { SearchOptions, Segment, SegmentEvent, SegmentResult } from "../queue/port.js";
import { segment } from "../queue/test-support/capitals.js";
import { servingModel } from "./create-engine.js";
import { requestOf } from "./lane.js";
import { loadModel, type OnnxModel } from "./load-model.js";
import { guarded } from "./loop-guard.js";
import { prepare } from "./prepare.js";
import { RunningBatch } from "./running-batch.js";
import type { ServingModel } from "./serving-model.js";
import { Work } from "./work.js";

const repository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const MANY = { sentences: 2000, maxLength: 12 } as const;

/** Bundles, by what their graphs compute with; a shipped one has real distributions, in which tokens are near ties. */
const BUNDLES = [
  { arithmetic: "fp32, format 1", folder: "tests/fixtures/bundles/v1-tiny-translation", sentences: 200, maxLength: 12 },
  { arithmetic: "fp32, shortlist", folder: "tests/fixtures/bundles-v3/v3-tiny-translation", ...MANY },
  { arithmetic: "int8, shortlist", folder: "tests/fixtures/bundles-v3/v3-tiny-int8", ...MANY },
  { arithmetic: "fp32", folder: "models/float/tatoeba-ja-en", sentences: 300, maxLength: 6 },
  { arithmetic: "int8", folder: "models/tatoeba-ja-en", sentences: 300, maxLength: 6 },
  { arithmetic: "fp32, no decoder, shortlist", folder: "tests/fixtures/bundles-v4/v4-tiny-ctc", ...MANY },
  { arithmetic: "int8, no decoder, shortlist", folder: "tests/fixtures/bundles-v4/v4-tiny-int8", ...MANY },
  { arithmetic: "int8, no decoder", folder: "models/tatoeba-en-fr-fast", sentences: 300, maxLength: 6 },
] as const;

/** Whole numbers below a limit, the same in every run (Lehmer's generator). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}

const WORDS = [..."彼女私学校駅本雨家友達明日昨日行読見好大小何時今朝犬猫水車"].concat(
  "です。",
  "ました",
  "それは",
  "から",
);
const WISHES = [
  { beamSize: 1 },
  { beamSize: 1 },
  { beamSize: 3, nBest: 3 },
  { beamSize: 4, nBest: 2, lengthPenalty: 0 },
  { beamSize: 2, noShortlist: true },
  { free: { temperature: 0.8, topK: 20 } },
  { beamSize: 1, alignments: true, free: { minLength: 3 } },
] as const satisfies Wish[];
/** What a decoder of format 1 does not know. */
const LATER_WISHES = [
  { beamSize: 3, nBest: 3, patience: 2, coveragePenalty: 0.3 },
  { beamSize: 2, repetitionPenalty: 1.4, noRepeatNgram: 2 },
  { beamSize: 4, nBest: 2, repetitionPenalty: 0.7, suppress: ["<unk>"], alignments: true },
  { free: { temperature: 1.5, topP: 0.7 }, noRepeatNgram: 1 },
] as const satisfies Wish[];

type Wish = TranslateWishes & { readonly free?: Partial<SearchOptions> };

/** Some begin with what they are given, some are given whole, to be scored. */
function sentences(
  count: number,
  { manifest: { name, formatVersion }, maxLength }: Pick<ServingModel, "manifest"> & { maxLength: number },
): Segment[] {
  const random = randomNumbers(7);
  const wishes: readonly Wish[] = formatVersion > 1 ? [...WISHES, ...LATER_WISHES] : WISHES;
  return Array.from({ length: count }, (_, seed) => {
    const text = Array.from({ length: 1 + random(10) }, () => WORDS[random(WORDS.length)]!).join("");
    const { free, ...wish } = { free: {}, ...wishes[random(wishes.length)]! };
    const length = 1 + random(maxLength);
    const options = { ...searchOptions({ ...wish, maxLength: length }), ...free, seed };
    const kind = random(10);
    if (kind === 0) return segment(text, { model: name, options, task: "score", target: "a" });
    return segment(text, { model: name, options, ...(kind === 1 && length > 3 ? { target: "I" } : {}) });
  });
}

/** Decodes segments that join at random times, in runs of random length; a loop again with a guard, as the engine does. */
class Company {
  private readonly results: (SegmentResult | undefined)[] = [];
  private waiting: Work[] = [];

  constructor(
    private readonly batch: RunningBatch,
    private readonly model: ServingModel,
  ) {}

  async decode(
    wanted: readonly Segment[],
    { joining, steps }: { joining: () => number; steps: () => number },
  ): Promise<SegmentResult[]> {
    this.waiting = wanted.map((s, k) => this.work(s, k));
    let running: readonly Work[] = [];
    while (this.waiting.length > 0 || running.some((w) => !w.isOver)) {
      const keep = [...running.keys()].filter((n) => !running[n]!.isOver);
      const join = this.waiting.splice(0, keep.length === 0 ? Math.max(1, joining()) : joining());
      running = [...keep.map((n) => running[n]!), ...join];
      const run = await this.batch.advance(requestOf({ keep, join, running, steps: steps() }));
      for (const [n, work] of running.entries()) work.accept(run, n);
    }
    return this.results.splice(0) as SegmentResult[];
  }

  private work(wanted: Segment, k: number): Work {
    const emit = (event: SegmentEvent) => {
      if (event.type !== "result") throw new Error(JSON.stringify(event));
      const again = guarded(wanted, event, this.model.manifest);
      if (again) this.waiting.push(this.work(again, k));
      else this.results[k] = event.result;
    };
    return new Work({ segment: wanted, prepared: prepare(wanted, this.model), model: this.model, emit });
  }
}

describe.each(BUNDLES)(
  "a sentence alone and in random company, $arithmetic",
  ({ folder, sentences: count, maxLength }) => {
    let graphs: OnnxModel;
    let model: ServingModel;
    beforeAll(async () => {
      graphs = await loadModel(repository(folder), { device: "cpu", threads: 1 });
      model = await servingModel(repository(folder));
    });
    afterAll(async () => {
      await graphs.encoder?.release();
      await graphs.decoder.release();
    });

    it(`has the same hypotheses, token for token, and scores, ${count} times`, { timeout: 120_000 }, async () => {
      const all = sentences(count, { manifest: model.manifest, maxLength });
      const random = randomNumbers(11);
      const company = new Company(new RunningBatch(graphs), model);
      const together = await company.decode(all, { joining: () => random(24), steps: () => 1 + random(5) });
      const alone: SegmentResult[] = [];
      for (const wanted of all)
        alone.push(...(await company.decode([wanted], { joining: () => 1, steps: () => maxLength })));

      expect(together.map(tokensOf)).toEqual(alone.map(tokensOf));
      const differences = alone.flatMap((a, k) =>
        numbersOf(a).map((x, n) => Math.abs(x - numbersOf(together[k]!)[n]!)),
      );
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    });
  },
);

function tokensOf({ hypotheses }: SegmentResult): string[] {
  return hypotheses.map((h) => [h.finishReason, ...h.tokens.map((t) => t.piece)].join(" "));
}

function numbersOf({ hypotheses }: SegmentResult): number[] {
  return hypotheses.flatMap((h) => [h.score, ...h.tokens.map((t) => t.logProbability), ...(h.alignment ?? []).flat()]);
}
