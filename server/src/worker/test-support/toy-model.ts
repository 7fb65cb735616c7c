import type { Manifest } from "@carousel/bundle";
import type { GraphSession } from "../graph-session.js";
import type { LoadedModel } from "../running-batch.js";
import type { ServingModel, TextCodec } from "../serving-model.js";
import { float32, floatsOf, integers, integersOf, type Tensors } from "../tensor.js";

const VOCABULARY = 12;
const STATES = 31;
const SPECIAL = { pad: 0, unk: 1, bos: 2, eos: 3 };
const DEAD = -1e29;
const NOTHING = -1e30;

/** A letter for every ordinary id. */
export const toyCodec: TextCodec = {
  encode: (text) => [...text].map((c) => c.charCodeAt(0) - 93),
  decode: (ids) =>
    ids
      .filter((id) => id > SPECIAL.eos)
      .map((id) => String.fromCharCode(id + 93))
      .join(""),
  piece: (id) => (id > SPECIAL.eos ? String.fromCharCode(id + 93) : `<${id}>`),
  streamDecoder: () => ({
    push: (id) => toyCodec.decode([id]),
    end: () => "",
  }),
};

const common = {
  schema: "carousel.bundle",
  formatVersion: 1,
  version: "0123456789abcdef",
  architecture: { kind: "toy" },
  special: SPECIAL,
  state: [{ name: "state.h", dtype: "float32", shape: ["row", 1] }],
  metrics: {},
  files: {},
} as const;

export const translationManifest = {
  ...common,
  name: "toy-translation",
  task: "translation",
  languages: { source: "xx", target: "yy" },
  tokenizer: { source: "s.model", target: "t.model" },
  vocabulary: { source: VOCABULARY, target: VOCABULARY },
  graphs: { encoder: "encoder.onnx", decoder: "decoder.onnx" },
  memory: [{ name: "memory", dtype: "float32", shape: ["sentence", "source", 1] }],
  limits: { source: 20, target: 16 },
} satisfies object as unknown as Manifest;

export const generationManifest = {
  ...common,
  name: "toy-generation",
  task: "generation",
  languages: { target: "yy" },
  tokenizer: { target: "t.model" },
  vocabulary: { target: VOCABULARY },
  graphs: { decoder: "decoder.onnx" },
  memory: [],
  limits: { target: 16 },
} satisfies object as unknown as Manifest;

/** Where a hidden Markov decoder stands: what it has chosen so far, and what it reads of its source. */
export interface ToyState {
  readonly hidden: number;
  readonly source: number;
}

export function startOf(source: readonly number[]): ToyState {
  const total = source.reduce((a, b) => a + b, 0);
  return { hidden: total % STATES, source: total % 7 };
}

export function follow({ hidden, source }: ToyState, token: number): ToyState {
  return { hidden: (hidden * 7 + token + 1) % STATES, source };
}

/** Log-probabilities of the next token, from a fixed random table. */
export function nextLogProbabilities({ hidden, source }: ToyState, last: number): number[] {
  const logits = Array.from({ length: VOCABULARY }, (_, token) => {
    if (token < SPECIAL.eos) return -30 - token;
    return 4 * noise(((source * STATES + hidden) * VOCABULARY + last) * VOCABULARY + token);
  });
  const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - total);
}

function noise(n: number): number {
  const x = Math.sin(n * 12.9898 + 78.233) * 43758.5453;
  return x - Math.floor(x);
}

export function toyServing(manifest: Manifest): ServingModel {
  return manifest.task === "translation"
    ? { manifest, source: toyCodec, target: toyCodec }
    : { manifest, target: toyCodec };
}

export function toyModel(manifest: Manifest): LoadedModel {
  return manifest.task === "translation" ? { manifest, encoder, decoder } : { manifest, decoder };
}

const encoder: GraphSession = {
  async run(feeds) {
    const [N, S] = feeds.source!.shape as [number, number];
    const ids = integersOf(feeds.source);
    const lengths = integersOf(feeds.source_length);
    const starts = Array.from({ length: N }, (_, n) => startOf([...ids.subarray(n * S, n * S + lengths[n]!)]).hidden);
    return {
      memory: float32(Float32Array.from(ids), [N, S, 1]),
      "state.h": float32(Float32Array.from(starts), [N, 1]),
    };
  },
};

interface Slot {
  readonly token: number;
  readonly score: number;
  readonly hidden: number;
  readonly parent: number;
}

/** The contract of decoder.onnx, over the table. */
const decoder: GraphSession = {
  async run(feeds, outputs) {
    const [N, B] = feeds.score!.shape as [number, number];
    const k = integersOf(feeds.steps)[0]!;
    const S = feeds.memory?.shape[1] ?? 0;
    const sources = Array.from({ length: N }, (_, n) => sourceOf(feeds, n));
    const left = integersOf(feeds.beam_size);
    let slots = Array.from({ length: N * B }, (_, row) => ({
      token: integersOf(feeds.token)[row]!,
      score: floatsOf(feeds.score)[row]!,
      hidden: floatsOf(feeds["state.h"])[row]!,
      parent: 0,
    }));
    const emitted: Slot[] = [];
    for (let step = 0; step < k; step++) {
      const next = sources.flatMap((source, n) =>
        advance(slots.slice(n * B, (n + 1) * B), { ...settings(feeds, n, step, k), source, left: left[n]! }),
      );
      emitted.push(...next);
      next.forEach((slot, row) => {
        if (slot.score > DEAD && slot.token === SPECIAL.eos) left[Math.floor(row / B)]! -= 1;
      });
      slots = next.map((s) => (s.token === SPECIAL.eos ? { ...s, score: NOTHING } : s));
    }
    const shape = [k, N, B];
    const all: Record<string, Tensors[string]> = {
      tokens: integers(
        emitted.map((s) => s.token),
        shape,
      ),
      parents: integers(
        emitted.map((s) => s.parent),
        shape,
      ),
      scores: float32(
        Float32Array.from(emitted, (s) => s.score),
        shape,
      ),
      attention: float32(attention(feeds, { k, N, B, S }), [...shape, S]),
      "next.token": integers(
        slots.map((s) => s.token),
        [N * B],
      ),
      "next.score": float32(
        Float32Array.from(slots, (s) => s.score),
        [N, B],
      ),
      "next.position": integers(
        Array.from(integersOf(feeds.position), (p) => p + k),
        [N],
      ),
      "next.beam_size": integers(left, [N]),
      "next.state.h": float32(
        Float32Array.from(slots, (s) => s.hidden),
        [N * B, 1],
      ),
    };
    return Object.fromEntries(outputs.map((name) => [name, all[name]!]));
  },
};

function sourceOf(feeds: Tensors, n: number): number {
  if (!feeds.memory) return 0;
  const S = feeds.memory.shape[1]!;
  const length = integersOf(feeds.source_length)[n]!;
  return startOf([...floatsOf(feeds.memory).subarray(n * S, n * S + length)]).source;
}

interface Settings {
  readonly source: number;
  readonly left: number;
  readonly forced: number;
  readonly early: boolean;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly uniform: number;
}

function settings(feeds: Tensors, n: number, step: number, k: number): Omit<Settings, "source" | "left"> {
  const position = integersOf(feeds.position)[n]! + step;
  return {
    forced: integersOf(feeds.forced)[n * k + step]!,
    early: position < integersOf(feeds.min_length)[n]!,
    temperature: floatsOf(feeds.temperature)[n]!,
    topK: integersOf(feeds.top_k)[n]!,
    topP: floatsOf(feeds.top_p)[n]!,
    uniform: floatsOf(feeds.uniform)[n * k + step]!,
  };
}

/** One step of one sentence. */
function advance(slots: readonly Slot[], s: Settings): Slot[] {
  const candidates = slots.flatMap(({ token: last, score, hidden }, parent) => {
    const state = { hidden, source: s.source };
    return nextLogProbabilities(state, last).map((logProbability, token) => ({
      token,
      parent,
      score: allowed(token, s) ? score + logProbability : NOTHING,
      hidden: follow(state, token).hidden,
    }));
  });
  const ranked = candidates.filter((c) => c.score > DEAD).sort((a, b) => b.score - a.score);
  const chosen = s.temperature > 0 ? [draw(ranked, s, slots[0]!.score)] : ranked.slice(0, s.left);
  return slots.map((_, slot) => chosen[slot] ?? { token: SPECIAL.pad, parent: 0, score: NOTHING, hidden: 999 });
}

function allowed(token: number, { forced, early }: Settings): boolean {
  return forced >= 0 ? token === forced : !(early && token === SPECIAL.eos);
}

function draw(ranked: readonly Slot[], s: Settings, before: number): Slot {
  const weights = ranked.map((c) => Math.exp((c.score - before) / s.temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  let mass = 0;
  const kept = ranked.slice(0, s.topK).filter((_, n) => {
    const keep = mass < s.topP;
    mass += weights[n]! / total;
    return keep;
  });
  let target = s.uniform * kept.reduce((sum, _, n) => sum + weights[n]!, 0);
  const chosen = kept.find((_, n) => {
    target -= weights[n]!;
    return target < 0;
  });
  return chosen ?? kept.at(-1)!;
}

interface Sizes {
  readonly k: number;
  readonly N: number;
  readonly B: number;
  readonly S: number;
}

/** All weight on one source token, which moves on with the position. */
function attention(feeds: Tensors, { k, N, B, S }: Sizes): Float32Array {
  const weights = new Float32Array(k * N * B * S);
  if (S === 0) return weights;
  const lengths = integersOf(feeds.source_length);
  const positions = integersOf(feeds.position);
  for (let step = 0; step < k; step++) {
    for (let n = 0; n < N; n++) {
      for (let b = 0; b < B; b++) weights[((step * N + n) * B + b) * S + ((positions[n]! + step) % lengths[n]!)] = 1;
    }
  }
  return weights;
}
