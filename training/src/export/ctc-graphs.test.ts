import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readBundle, type TranslationManifest, writeBundle } from "@carousel/bundle";
import { describe, expect, it } from "vitest";
import { SPECIAL } from "../data/special.js";
import type { CtcConfig } from "../models/ctc.js";
import { ctcTrainGraph } from "../models/train-graph.js";
import { bestPathTokens, type FrameLogProbabilities } from "../objectives/ctc-decoding.js";
import { createSession, float32, floats, int64s, integers, type Tensor } from "../onnx/runtime.js";
import { Random } from "../random.js";
import { ParameterLayout } from "../trainer/parameters.js";
import { checkCtcParity, trainedFrames } from "./ctc-parity.js";
import { ctcGraphs, type Trained } from "./graphs.js";
import { InferenceModel } from "./greedy.js";
import { ParityError, type Sample } from "./parity.js";
import { SUPPRESSED, withoutSuppressed } from "./suppressed.js";
import { upgradeBundle } from "./upgrade-bundle.js";

const V = 9;

const config: CtcConfig = {
  sourceVocabulary: 12,
  targetVocabulary: V,
  embedding: 8,
  encoder: { cell: "lstm", layers: 1, hidden: 6, bidirectional: true },
  upsample: 2,
  cell: "lstm",
  layersAfter: 1,
  dropout: 0,
};

/** Random weights, larger than first values usually are, so that the output varies. */
function trained(seed: number, change: Partial<CtcConfig> = {}): Trained {
  const layout = new ParameterLayout(ctcTrainGraph({ ...config, ...change }).parameters);
  const flat = layout.initialize(new Random(seed)).map((x) => 4 * x);
  const parameters = withoutSuppressed(layout.named(flat), SUPPRESSED.frames);
  return { parameters, precision: "fp32", special: SPECIAL };
}

function samples(count: number): Sample[] {
  const random = new Random(3);
  return Array.from({ length: count }, () => {
    const source = Array.from({ length: 1 + random.below(9) }, () => 4 + random.below(8));
    return { source: [...source, SPECIAL.eos], target: [] };
  });
}

/** Always one batch, so the sentences are padded. */
const SOURCES = samples(12).map((s) => s.source);
const greedy = { special: SPECIAL, maxLength: 40 };

describe("the graphs of a model for connectionist temporal classification", () => {
  it.each([
    { upsample: 1, layersAfter: 0 },
    { upsample: 2, layersAfter: 1 },
    { upsample: 3, layersAfter: 2 },
    { cell: "rnn" as const, encoder: { ...config.encoder, cell: "gru" as const, bidirectional: false } },
    { encoder: { ...config.encoder, cell: "conv-lstm-peephole" as const, rowLength: 4 } },
  ])("say what the trained network says: %o", async (change) => {
    const own = { ...config, ...change };
    const model = trained(1, change);
    const parity = { config: own, exported: ctcGraphs(own, model), ...model, samples: samples(12) };
    expect(await checkCtcParity(parity)).toBeLessThan(1e-4);
    // the negative control: the graphs of other weights
    const others = { ...parity, exported: ctcGraphs(own, trained(2, change)) };
    await expect(checkCtcParity(others)).rejects.toThrow(ParityError);
  });

  it("give a sentence the same tokens alone, in a batch, and some steps at a time", async () => {
    const model = await InferenceModel.create(ctcGraphs(config, trained(1)), {});
    const together = await model.greedy(SOURCES, greedy);
    expect(new Set(together.map((t) => t.length)).size).toBeGreaterThan(3);
    expect(await model.greedy(SOURCES, { ...greedy, steps: 1 })).toEqual(together);
    for (const [k, source] of SOURCES.entries()) expect((await model.greedy([source], greedy))[0]).toEqual(together[k]);
    await model.release();
  });

  it.each(["some", "all"])("choose from candidates, %s columns of the vocabulary being computed", async (columns) => {
    const model = trained(1);
    const lists = [
      [0, 4, 6],
      [0, 5],
      [0, 3, 4, 5, 6, 8],
    ];
    const chosen = SOURCES.filter((s) => s.length > 6).slice(0, lists.length);
    const frames = await trainedFrames(
      config,
      model.parameters,
      chosen.map((source) => ({ source, target: [] })),
    );
    const expected = frames.map((f, n) => bestPathTokens(among(f, lists[n]!)));
    const session = await createSession(ctcGraphs(config, { ...model, shortlist: "taken" }).encoder!);
    const length = Math.max(...chosen.map((s) => s.length));
    const given = columns === "all" ? [...new Array(V).keys()] : [0, 3, 4, 5, 6, 8, 0, 0];
    const places = lists.flatMap((list) => Array.from({ length: 8 }, (_, k) => given.indexOf(list[k] ?? -1)));
    const { memory } = await session.run({
      source: integers(
        chosen.flatMap((s) => [...s, ...new Array(length - s.length).fill(0)]),
        [lists.length, length],
      ),
      source_length: integers(
        chosen.map((s) => s.length),
        [lists.length],
      ),
      columns: integers(given, [given.length]),
      places: integers(places, [lists.length, 8]),
    });
    const entries = floats(memory!);
    const perSentence = entries.length / lists.length;
    for (const [n, { tokens, score }] of expected.entries()) {
      const own = entries.subarray(n * perSentence, (n + 1) * perSentence);
      const written = Array.from({ length: own.length / 9 }, (_, k) => own.subarray(9 * k, 9 * k + 9)).filter(
        ([id]) => id,
      );
      expect(written.map(([id]) => id)).toEqual(tokens);
      expect(written.reduce((sum, entry) => sum + entry[4]!, 0)).toBeCloseTo(score, 4);
    }
    expect(expected.map(({ tokens }) => tokens.length).filter(Boolean).length).toBeGreaterThan(1);
    await session.release();
  });

  it("end at once when every frame is blank", async () => {
    const { parameters, ...rest } = trained(1);
    const bias = parameters.get("output.b")!;
    const blank = { ...bias, data: bias.data.map((x, k) => (k === 0 ? 1e4 : x)) };
    const silent = { ...rest, parameters: new Map([...parameters, ["output.b", blank]]) };
    const model = await InferenceModel.create(ctcGraphs(config, silent), {});
    expect(await model.greedy(SOURCES, greedy)).toEqual(SOURCES.map(() => []));
    await model.release();
  });

  it("read every place of the memory, and the zeros beyond as its end", async () => {
    const written = placesOf([8, 4, 8, 5], 4).flat();
    for (const padding of [0, 1, 3]) {
      const source = 2 + padding;
      const memory = float32(Float32Array.from([...written, ...new Array(18 * padding).fill(0)]), [1, source, 18]);
      const { tokens, scores } = await decode({ memory, beam: 1, steps: 6, sourceLength: 2 });
      expect(tokens).toEqual([[8], [4], [8], [5], [SPECIAL.eos], [SPECIAL.pad]]);
      expect(scores[4]![0]).toBeCloseTo(-2, 5);
    }
  });

  it.each([
    { given: [], read: [4, 5, 6, 7] },
    { given: [4, 5], read: [6, 7] },
    { given: [8], read: [5, 6, 7], why: "an unknown token stands for one" },
    { given: [4, 8, 8, 8], read: [6, 7], why: "so do several" },
    { given: [4, 8, 8, 6], read: [7], why: "what stands further on is found again" },
    { given: [8, 6], read: [7] },
    { given: [6], read: [7] },
    { given: [4, 8, 5, 8, 7], read: [] },
    { given: [4, 5, 6, 7, 8, 8, 8], read: [] },
  ])("read on behind a text that is given: $given", async ({ given, read }) => {
    // two sentences beside it begin otherwise; one ends at once
    const written = [[8, 4, 4, 4], [4, 5, 6, 7], []].map((tokens) => placesOf(tokens, 8)).flat(2);
    const memory = float32(Float32Array.from(written), [3, 4, 18]);
    const { tokens } = await decode({ memory, beam: 1, steps: 12, sourceLength: 4, forced: [[], given, []] });
    const said = tokens.map((slots) => slots[1]!);
    expect(said.slice(0, given.length + read.length + 1)).toEqual([...given, ...read, SPECIAL.eos]);
    expect(tokens.map((slots) => slots[0]!).slice(0, 5)).toEqual([8, 4, 4, 4, SPECIAL.eos]);
  });

  it("fill a beam with likely tokens of the same frames, best first, all ending together", async () => {
    const graphs = ctcGraphs(config, trained(1));
    const model = await InferenceModel.create(graphs, {});
    const lengths = (await model.greedy(SOURCES, greedy)).map((tokens) => tokens.length);
    const source = SOURCES[lengths.indexOf(Math.max(...lengths))]!;
    await model.release();
    const encoder = await createSession(graphs.encoder!);
    const { memory } = await encoder.run({
      source: integers(source, [1, source.length]),
      source_length: integers([source.length], [1]),
    });
    await encoder.release();
    const found = await decode({ memory: memory!, beam: 3, steps: 30, sourceLength: source.length });
    const end = found.tokens.findIndex((slots) => slots.includes(SPECIAL.eos));
    expect(end).toBe(Math.max(...lengths));
    expect(found.tokens[end]).toEqual([SPECIAL.eos, SPECIAL.eos, SPECIAL.eos]);
    expect(found.left).toBe(0);
    const [first, second, third] = found.scores[end]!;
    expect(first).toBeGreaterThan(second!);
    expect(second).toBeGreaterThanOrEqual(third!);
    expect(third).toBeGreaterThan(-30);
    // each token attends to one source token, from left to right
    const places = found.attention.slice(0, end + 1).map(([row]) => {
      expect(row!.filter((x) => x !== 0)).toEqual([1]);
      return row!.indexOf(1);
    });
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.at(-1)).toBe(source.length - 1);
  });

  it("keep of a frame the likeliest tokens, best first, and never the blank", async () => {
    const model = trained(1);
    const encoder = await createSession(ctcGraphs(config, model).encoder!);
    const frames = await trainedFrames(config, model.parameters, samples(12));
    let tokens = 0;
    for (const [n, source] of SOURCES.entries()) {
      const feeds = { source: integers(source, [1, source.length]), source_length: integers([source.length], [1]) };
      const written = chunks([...floats((await encoder.run(feeds)).memory!)], 9);
      const rows = chunks([...frames[n]!.values], V);
      const ranked = rows.map((row) => [...row.keys()].toSorted((x, y) => row[y]! - row[x]!));
      const begins = [...ranked.keys()].filter((t) => ranked[t]![0] !== 0 && ranked[t]![0] !== ranked[t - 1]?.[0]);
      for (const [place, t] of begins.entries()) {
        const likeliest = ranked[t]!.filter((id) => id !== 0).slice(0, 4);
        expect(written[place]!.slice(0, 4)).toEqual(likeliest);
        likeliest.forEach((id, k) => void expect(written[place]![4 + k]).toBeCloseTo(rows[t]![id]!, 4));
      }
      tokens += begins.length;
    }
    expect(tokens).toBeGreaterThan(20);
    await encoder.release();
  });

  it("score a text that is not theirs low, and not as nothing", async () => {
    const model = await InferenceModel.create(ctcGraphs(config, trained(1)), {});
    const own = (await model.greedy(SOURCES, greedy))[0]!;
    const other = own.map((token) => (token === 8 ? 7 : token + 1));
    const end = SPECIAL.eos;
    const [right, wrong, short] = await model.score(
      [SOURCES[0]!, SOURCES[0]!, SOURCES[0]!],
      [[...own, end], [...other, end], [end]],
      SPECIAL.bos,
    );
    expect(right).toBeGreaterThan(wrong!);
    expect(right).toBeGreaterThan(short!);
    expect(short).toBeCloseTo(-1000, 2);
    await model.release();
  });
});

it("write a bundle of format 1 anew, whose decoder went on otherwise behind a given text", async () => {
  const frozen = fileURLToPath(new URL("../../../tests/fixtures/ctc-bundles/v1-tiny-ctc", import.meta.url));
  const { manifest, path } = await readBundle(frozen);
  const { formatVersion: _, version: __, schema: ___, files, ...rest } = manifest as TranslationManifest;
  const { sourceVocabulary: ____, targetVocabulary: _____, ...network } = { ...config, layersAfter: 0 };
  const architecture = { kind: "ctc", ...network, precision: "fp16" };
  const folder = await mkdtemp(join(tmpdir(), "carousel-ctc-"));
  const contents = await Promise.all(Object.keys(files).map(async (f) => [f, await readFile(path(f))] as const));
  await writeBundle({ folder, manifest: { ...rest, architecture }, files: Object.fromEntries(contents) });
  const { before, after, parity } = await upgradeBundle(folder);
  expect(parity).toBeLessThan(1e-5);
  expect(after.state).not.toEqual(before.state);
  await rm(folder, { recursive: true });
});

/** What a frame gives its candidates, of whom one must be chosen. */
function among({ values, frames, vocabulary }: FrameLogProbabilities, list: readonly number[]): FrameLogProbabilities {
  const kept = values.map((x, at) => (list.includes(at % vocabulary) ? x : Number.NEGATIVE_INFINITY));
  for (let t = 0; t < frames; t++) {
    const row = kept.subarray(t * vocabulary, (t + 1) * vocabulary);
    const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    row.set(row.map((x) => x - total));
  }
  return { values: kept, frames, vocabulary };
}

/** So many places, of which the first ones hold tokens, two a source token; [places][9]. */
function placesOf(tokens: readonly number[], places: number): number[][] {
  const none = new Array(9).fill(0);
  return Array.from({ length: places }, (_, k) =>
    k < tokens.length ? [tokens[k]!, 1, 1, 1, -0.5, -2, -3, -4, k >> 1] : none,
  );
}

interface Search {
  /** [N, S, 18] */
  memory: Tensor;
  beam: number;
  steps: number;
  sourceLength: number;
  /** What each sentence begins with; nothing when absent. */
  forced?: number[][];
}

/** By step: tokens and scores of all slots, and the attention of the first sentence's. */
async function decode({ memory, beam, steps, sourceLength, forced = [[]] }: Search) {
  const session = await createSession(ctcGraphs(config, trained(1)).decoder);
  const N = forced.length;
  const zeros = (...shape: number[]) => float32(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  const all = (n: number) => integers(new Array(N).fill(n), [N]);
  const given = forced.flatMap((tokens) => Array.from({ length: steps }, (_, k) => tokens[k] ?? -1));
  const outputs = await session.run({
    memory,
    "state.position": zeros(N * beam, 2),
    source_length: all(sourceLength),
    steps: integers([steps], []),
    token: integers(new Array(N * beam).fill(SPECIAL.bos), [N * beam]),
    score: float32(
      Float32Array.from({ length: N * beam }, (_, slot) => (slot % beam === 0 ? 0 : -1e30)),
      [N, beam],
    ),
    position: all(0),
    beam_size: all(beam),
    min_length: all(0),
    forced: integers(given, [N, steps]),
    temperature: zeros(N),
    top_k: all(V),
    top_p: float32(new Float32Array(N).fill(1), [N]),
    uniform: zeros(N, steps),
    slots: all(beam),
    suppressed: integers([], [N, 0]),
    repetition_penalty: float32(new Float32Array(N).fill(1), [N]),
    no_repeat_ngram: all(0),
    history: integers([], [N * beam, 0]),
  });
  await session.release();
  const tokens = [...int64s(outputs.tokens!)].map(Number);
  return {
    tokens: chunks(tokens, N * beam),
    scores: chunks([...floats(outputs.scores!)], N * beam),
    attention: chunks(chunks([...floats(outputs.attention!)], memory.dims[1]!), beam),
    left: Number(int64s(outputs["next.beam_size"]!)[0]),
  };
}

function chunks<X>(values: readonly X[], size: number): X[][] {
  return Array.from({ length: values.length / size }, (_, k) => values.slice(k * size, (k + 1) * size));
}
