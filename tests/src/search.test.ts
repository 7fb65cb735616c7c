import type { Lexicon, Manifest } from "@carousel/bundle";
import type { Segment, SegmentEvent, SegmentResult } from "@carousel/server/queue/port";
import { candidatesOf } from "@carousel/server/worker/candidates";
import { Engine } from "@carousel/server/worker/engine";
import { LocalExecutor } from "@carousel/server/worker/executor";
import { OnnxSession } from "@carousel/server/worker/runtime";
import type { TextCodec } from "@carousel/server/worker/serving-model";
import { uniformAt } from "@carousel/server/worker/uniform";
import { addSearch } from "@carousel/training/export/search";
import { type OracleHypothesis, oracleSearch } from "@carousel/training/export/search-oracle";
import type { DecoderStep } from "@carousel/training/models/decoder-step";
import { Graph } from "@carousel/training/onnx/graph";
import { serialize } from "@carousel/training/onnx/serialize";
import { Random } from "@carousel/training/random";
import { expect, it } from "vitest";

const V = 8;
const SPECIAL = { pad: 0, unk: 1, bos: 2, eos: 3 };
const CONTENT = [1, 4, 5, 6, 7];
/** Too short for a loop, which would be decoded again. */
const LONGEST = 8;

// A network small enough to be written twice: the state is a memory of the tokens that fades by half, attention compares
// it with the source, and the logits follow the last token, the state and what was attended to.

const random = new Random(5);
const table = Float32Array.from({ length: V * V }, () => 2 * random.normal());
const reading = Float32Array.from({ length: V }, () => 2 * random.normal());
for (let k = 0; k < V; k++) for (const never of [SPECIAL.pad, SPECIAL.bos]) table[k * V + never] = -30;

/** What the tokens of a source become; with a beam there may be fewer candidates than slots. */
const lexicon: Lexicon = { common: [SPECIAL.eos, 4], translations: [[], [5], [], [], [6, 7], [], [1, 5], [7]] };

type GraphValue = ReturnType<Graph["mul"]>;
const toy: DecoderStep<{ memory: GraphValue; mask: GraphValue; columns: GraphValue }> = {
  memory: [{ name: "memory", shape: ["N", "S", 1] }],
  states: [{ name: "state", shape: ["R", 1] }],
  vocabulary: V,
  shortlist: "taken",
  prepare(g, [memory], { sourceLength, columns }) {
    const inside = g.less(g.unsqueeze(g.range(g.sizeOf(memory!, 1), "S"), 0), g.unsqueeze(sourceLength!, 1)); // [N, S]
    const mask = g.mul(g.sub(g.cast(inside, "float32"), 1), 1e9);
    return { memory: g.transpose(memory!, [0, 2, 1]), mask: g.unsqueeze(mask, 1), columns: columns! }; // [N, 1, S]
  },
  step(b, { token, states: [state], prepared, sentences, beam }) {
    const queries = b.reshapeTo(state!, [sentences, beam, 1], ["N", "B", 1]);
    const scores = b.mul(b.tanh(b.matmul(queries, prepared.memory)), 3); // [N, B, S]
    const attention = b.softmax(b.add(scores, prepared.mask));
    const context = b.reshape(b.sum(b.mul(attention, prepared.memory), [2], 1), ["R", 1]);
    const bent = b.mul(
      b.gather(b.initializer("table", table, "float32", [V, V]), token),
      b.add(b.mul(b.tanh(state!), 0.3), 1),
    );
    const read = b.mul(context, b.initializer("reading", reading, "float32", [1, V]));
    const next = b.add(b.mul(state!, 0.5), b.unsqueeze(b.cast(token, "float32"), 1));
    const logits = b.add(bent, read);
    const turned = (g: Graph, x: GraphValue) => g.transpose(x, [1, 0]);
    const columnLogits = (g: Graph) => turned(g, g.gather(turned(g, logits), prepared.columns));
    return { logits: () => logits, columnLogits, states: [next], attention };
  },
};

/**
 * What comes after the tokens so far, bos first: ln p of every token, or of every candidate, and the attention to the source
 * with its eos.
 */
function network(source: readonly number[], prefix: readonly number[], candidates?: Int32Array) {
  const memory = [...source, SPECIAL.eos].map((id) => id / 10);
  const state = prefix.slice(0, -1).reduce((s, token) => s / 2 + token, 0);
  const attention = softmax(memory.map((m) => 3 * Math.tanh(state * m)));
  const context = attention.reduce((sum, a, s) => sum + a * memory[s]!, 0);
  const row = table.subarray(prefix.at(-1)! * V, (prefix.at(-1)! + 1) * V);
  const logits = Array.from(row, (x, k) => x * (1 + 0.3 * Math.tanh(state)) + context * reading[k]!);
  const possible = logits.map((x, k) => (candidates && !candidates.includes(k) ? Number.NEGATIVE_INFINITY : x));
  return { attention, logProbabilities: softmax(possible).map(Math.log) };
}

function softmax(xs: readonly number[]): number[] {
  const exps = xs.map((x) => Math.exp(x - Math.max(...xs)));
  const total = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / total);
}

const manifest = {
  formatVersion: 4,
  name: "toy",
  shortlist: "shortlist.bin",
  version: "0".repeat(16),
  task: "translation",
  languages: { source: "xx", target: "yy" },
  special: SPECIAL,
  vocabulary: { source: V, target: V },
  memory: [{ name: "memory", dtype: "float32", shape: ["sentence", "source", 1] }],
  state: [{ name: "state", dtype: "float32", shape: ["row", 1] }],
  limits: { source: 20, target: LONGEST },
} as unknown as Manifest;

/** Texts are the ids themselves. */
const codec: TextCodec = {
  encode: (text) => text.split(" ").filter(Boolean).map(Number),
  decode: (ids) => ids.join(" "),
  piece: (id) => `${id}`,
  streamDecoder: () => ({ push: (id) => `${id} `, end: () => "" }),
};

async function toyEngine(steps: number): Promise<Engine> {
  const g = new Graph();
  addSearch(g, { decoder: toy, special: SPECIAL });
  const e = new Graph();
  const source = e.input("source", "int64", ["N", "S"]);
  const length = e.input("source_length", "int64", ["N"]);
  e.output(e.unsqueeze(e.div(e.cast(source, "float32"), 10), 2), "memory");
  e.output(e.mul(e.unsqueeze(e.cast(length, "float32"), 1), 0), "state");
  const options = { device: "cpu", threads: 1 } as const;
  const decoder = await OnnxSession.create(serialize(g), options);
  const encoder = await OnnxSession.create(serialize(e), options);
  const executor = new LocalExecutor(new Map([["toy", { manifest, encoder, decoder, shortlisted: "decoder" }]]));
  const models = [{ manifest, source: codec, target: codec, lexicon }];
  return new Engine({
    models,
    executors: [executor],
    steps: { idle: steps, full: steps },
    maxSentences: 32,
    maxTokens: 100_000,
    now: Date.now,
  });
}

/** A request of any mix of options. */
function draw(random: Random, id: number): Segment {
  const one = <T>(choices: readonly T[]) => choices[random.below(choices.length)]!;
  const words = (count: number) => Array.from({ length: count }, () => one(CONTENT)).join(" ");
  const sometimes = <T>(value: T, otherwise: T) => (random.below(3) === 0 ? value : otherwise);
  const samples = random.below(4) === 0;
  const beamSize = samples ? 1 : 1 + random.below(6);
  const maxLength = 2 + random.below(LONGEST - 1);
  const scored = random.below(10) === 0;
  const prefix = sometimes(words(random.below(maxLength)), "");
  return {
    id: `${id}`,
    task: scored ? "score" : "translate",
    model: "toy",
    modelVersion: manifest.version,
    text: words(1 + random.below(6)),
    ...(scored ? { target: words(LONGEST - 1) } : prefix ? { target: prefix } : {}),
    options: {
      beamSize,
      nBest: 1 + random.below(beamSize),
      maxLength,
      minLength: sometimes(random.below(maxLength), 0),
      lengthPenalty: sometimes(one([0.6, 1]), 0),
      coveragePenalty: sometimes(one([0.2, 1]), 0),
      patience: sometimes(one([1.5, 2, 3]), 1),
      suppress: sometimes([`${one(CONTENT)}`], []),
      repetitionPenalty: sometimes(one([0.7, 1.3, 2]), 1),
      noRepeatNgram: sometimes(1 + random.below(4), 0),
      temperature: samples ? one([0.5, 1, 2]) : 0,
      topK: samples ? random.below(V) : 0,
      topP: samples ? sometimes(0.2 + 0.8 * random.uniform(), 1) : 1,
      seed: random.below(1000),
      alignments: random.below(2) === 0,
      ...sometimes({ shortlist: "off" as const }, {}),
    },
    priority: one(["interactive", "normal", "batch"]),
    deadline: 8.64e15,
    stream: false,
  };
}

interface Expected {
  readonly best: OracleHypothesis;
  readonly score: number;
  /** What each token attended to, [target, source]. */
  readonly rows: readonly (readonly number[])[];
}

/** The n best of what a textbook search finds, each with its score, best first. */
function oracle({ task, text, target = "", options }: Segment): Expected[] {
  const source = codec.encode(text);
  const given = codec.encode(target);
  const scored = task === "score";
  const { patience = 1, suppress = [], repetitionPenalty = 1, noRepeatNgram = 0, coveragePenalty = 0 } = options;
  const { beamSize, temperature, topK, topP, seed } = options;
  const uniform = Array.from({ length: LONGEST }, (_, at) => uniformAt(seed!, at));
  const sampling = temperature > 0 ? { sampling: { temperature, topK: topK || V, topP, uniform } } : {};
  const listed = !scored && options.shortlist !== "off";
  const own = listed ? candidatesOf(lexicon, { source: [...source, SPECIAL.eos], forced: given }) : undefined;
  const found = oracleSearch((prefix) => network(source, prefix, own).logProbabilities, SPECIAL, {
    ...(scored ? {} : sampling),
    beamSize: scored ? 1 : beamSize,
    hypotheses: scored ? 1 : Math.ceil(beamSize * patience),
    maxLength: scored ? given.length + 1 : options.maxLength!,
    minLength: scored ? 0 : options.minLength,
    forced: scored ? [...given, SPECIAL.eos] : given,
    suppressed: suppress.map(Number),
    repetitionPenalty: scored ? 1 : repetitionPenalty,
    noRepeatNgram: scored ? 0 : noRepeatNgram,
  });
  const ranked = found.map((best) => {
    const rows = best.tokens.map((_, t) => network(source, [SPECIAL.bos, ...best.tokens.slice(0, t)]).attention);
    const covered = source.map((_, s) => rows.reduce((sum, row) => sum + row[s]!, 0));
    const coverage = covered.reduce((sum, c) => sum + Math.log(Math.max(1e-6, Math.min(c, 1))), 0);
    const penalty = ((5 + best.tokens.length) / 6) ** options.lengthPenalty!;
    return { best, score: best.score / penalty + coveragePenalty * coverage, rows };
  });
  return ranked.sort((a, b) => b.score - a.score).slice(0, scored ? 1 : options.nBest);
}

/** [source, target]: the source token that each token attended to most, the first of equals; none for the closing eos. */
function pharaoh(rows: readonly (readonly number[])[]): [number, number][] {
  const most = rows.map((row, t): [number, number] => [row.indexOf(Math.max(...row)), t]);
  return most.filter(([s]) => s < rows[0]!.length - 1);
}

it.each([1, 3])(
  "gives a thousand random requests of any mix of options what a textbook search gives each of them, %i steps a run",
  async (steps) => {
    const random = new Random(40 + steps);
    const segments = Array.from({ length: 1000 }, (_, id) => draw(random, id));
    const engine = await toyEngine(steps);
    const results = new Map<string, SegmentResult>();
    const refused = new Map<string, string>();
    const { signal } = new AbortController();
    await engine.process(
      segments.map((segment) => ({ segment, signal })),
      (event: SegmentEvent) => {
        if (event.type === "result") results.set(event.id, event.result);
        if (event.type === "error") refused.set(event.id, event.error.message);
      },
    );
    for (const segment of segments) {
      const expected = oracle(segment);
      const said = JSON.stringify(segment);
      if (expected.length === 0) {
        expect(refused.get(segment.id), said).toContain("leave no token to choose");
        continue;
      }
      expect(refused.get(segment.id), said).toBeUndefined();
      const { hypotheses } = results.get(segment.id)!;
      expect(
        hypotheses.map((h) => h.tokens.map((t) => t.piece).join(" ")),
        said,
      ).toEqual(expected.map((e) => e.best.tokens.join(" ")));
      hypotheses.forEach((h, k) => {
        expect(h.score, said).toBeCloseTo(expected[k]!.score, 3);
        const { best, rows } = expected[k]!;
        expect(h.finishReason, said).toBe(best.tokens.at(-1) === SPECIAL.eos ? "end" : "length");
        expect(h.alignment?.length, said).toBe(segment.options.alignments ? rows.length : undefined);
        h.alignment?.forEach((row, t) => {
          row.forEach((weight, s) => void expect(weight, said).toBeCloseTo(rows[t]![s]!, 4));
        });
        expect(h.links, said).toEqual(segment.options.alignments ? pharaoh(rows) : undefined);
        h.tokens.forEach((t, at) => {
          expect(t.logProbability, said).toBeCloseTo(expected[k]!.best.logProbabilities[at]!, 3);
        });
      });
    }
    await engine.close();
  },
);
