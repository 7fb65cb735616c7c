import { beforeAll, describe, expect, it } from "vitest";
import type { DecoderStep } from "../models/decoder-step.js";
import { Graph } from "../onnx/graph.js";
import { createSession, float32, floats, int64s, integers, type Session, type Tensor } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import { Random } from "../random.js";
import { addSearch, DEAD } from "./search.js";
import { type OracleHypothesis, type OracleRequest, oracleSearch, PLAIN } from "./search-oracle.js";

const V = 7;
const SPECIAL = { pad: 0, bos: 2, eos: 3 };

/** Logits that depend on the last token and on a state that remembers all tokens: state' = state / 2 + token. */
const table = (() => {
  const random = new Random(5);
  return Float32Array.from({ length: V * V }, (_, k) => (k % V === 0 || k % V === 2 ? -30 : 2 * random.normal()));
})();

const toy: DecoderStep<undefined> = {
  memory: [],
  states: [{ name: "state.memory", shape: ["R", 1] }],
  vocabulary: V,
  prepare: () => undefined,
  step(b, { token, states: [memory] }) {
    const rows = b.gather(b.initializer("table", table, "float32", [V, V]), token);
    const next = b.add(b.mul(memory!, 0.5), b.unsqueeze(b.cast(token, "float32"), 1));
    const bent = b.mul(rows, b.add(b.mul(b.tanh(memory!), 0.3), 1));
    return { logits: () => bent, states: [next] };
  },
};

function nextLogProbabilities(prefix: readonly number[]): number[] {
  const memory = prefix.slice(0, -1).reduce((state, token) => state / 2 + token, 0);
  const last = prefix.at(-1)!;
  const logits = Array.from(table.subarray(last * V, (last + 1) * V), (x) => x * (1 + 0.3 * Math.tanh(memory)));
  const normalizer = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - normalizer);
}

interface Grown {
  readonly tokens: readonly number[];
  readonly logProbabilities: readonly number[];
}

/** What requests ask beside the search itself, as inputs of the graph. */
function wishes(requests: readonly OracleRequest[]): Record<string, Tensor> {
  const n = requests.length;
  const each = (f: (r: OracleRequest) => number) => integers(requests.map(f), [n]);
  const floatEach = (f: (r: OracleRequest) => number) => float32(Float32Array.from(requests, f), [n]);
  const most = Math.max(...requests.map((r) => r.suppressed.length));
  const suppressed = requests.flatMap((r) => Array.from({ length: most }, (_, k) => r.suppressed[k] ?? -1));
  return {
    beam_size: each((r) => r.hypotheses),
    slots: each((r) => r.beamSize),
    min_length: each((r) => r.minLength),
    temperature: floatEach((r) => r.sampling?.temperature ?? 0),
    top_k: each((r) => r.sampling?.topK ?? V),
    top_p: floatEach((r) => r.sampling?.topP ?? 1),
    suppressed: integers(suppressed, [n, most]),
    repetition_penalty: floatEach((r) => r.repetitionPenalty),
    no_repeat_ngram: each((r) => r.noRepeatNgram),
  };
}

/** Runs requests together through the graph, `steps` at a time, and puts the hypotheses together. */
async function search(
  session: Session,
  requests: readonly OracleRequest[],
  steps: number,
): Promise<OracleHypothesis[][]> {
  const n = requests.length;
  const beam = Math.max(...requests.map((r) => r.beamSize));
  const guarded = requests.some((r) => r.repetitionPenalty !== 1 || r.noRepeatNgram > 0);
  const remembered = guarded ? Math.max(...requests.map((r) => r.maxLength)) : 0;
  let feeds: Record<string, Tensor> = {
    token: integers(new Array(n * beam).fill(SPECIAL.bos), [n * beam]),
    score: float32(
      Float32Array.from({ length: n * beam }, (_, k) => (k % beam === 0 ? 0 : -1e30)),
      [n, beam],
    ),
    position: integers(new Array(n).fill(0), [n]),
    "state.memory": float32(new Float32Array(n * beam), [n * beam, 1]),
    history: integers(new Array(n * beam * remembered).fill(-1), [n * beam, remembered]),
    ...wishes(requests),
  };
  const nothing: Grown = { tokens: [], logProbabilities: [] };
  const live = requests.map(() => new Map([[0, nothing]]));
  const ended: OracleHypothesis[][] = requests.map(() => []);
  const longest = Math.max(...requests.map((r) => r.maxLength));
  for (let position = 0; position < longest; position += steps) {
    const forced = requests.flatMap((r) => Array.from({ length: steps }, (_, k) => r.forced[position + k] ?? -1));
    const uniform = requests.flatMap((r) =>
      Array.from({ length: steps }, (_, k) => r.sampling?.uniform[position + k] ?? 0),
    );
    const outputs = await session.run({
      ...feeds,
      steps: integers([steps], []),
      forced: integers(forced, [n, steps]),
      uniform: float32(Float32Array.from(uniform), [n, steps]),
    });
    const [tokens, parents] = [int64s(outputs.tokens!), int64s(outputs.parents!)];
    const [scores, logProbabilities] = [floats(outputs.scores!), floats(outputs.log_probs!)];
    for (let k = 0; k < steps; k++) {
      requests.forEach((request, i) => {
        const length = position + k + 1;
        if (length > request.maxLength) return;
        const before = live[i]!;
        const after = new Map<number, Grown>();
        for (let slot = 0; slot < beam; slot++) {
          const at = (k * n + i) * beam + slot;
          if (scores[at]! <= DEAD) continue;
          const parent = before.get(Number(parents[at]))!;
          const grown = {
            tokens: [...parent.tokens, Number(tokens[at])],
            logProbabilities: [...parent.logProbabilities, logProbabilities[at]!],
          };
          const ends = Number(tokens[at]) === SPECIAL.eos || length === request.maxLength;
          if (ends) ended[i]!.push({ ...grown, score: scores[at]! });
          else after.set(slot, grown);
        }
        live[i] = after;
      });
    }
    feeds = {
      ...feeds,
      ...Object.fromEntries(
        Object.entries(outputs).flatMap(([name, value]) => (name.startsWith("next.") ? [[name.slice(5), value]] : [])),
      ),
    };
  }
  return ended;
}

/** A request of any mix of wishes. */
function draw(random: Random): OracleRequest {
  const maxLength = 1 + random.below(9);
  const content = [1, 4, 5, 6];
  const one = <T>(choices: readonly T[]) => choices[random.below(choices.length)]!;
  const sometimes = <T>(value: T, otherwise: T) => (random.below(3) === 0 ? value : otherwise);
  const samples = random.below(4) === 0;
  const beamSize = samples ? 1 : 1 + random.below(5);
  return {
    beamSize,
    hypotheses: samples ? 1 : Math.ceil(beamSize * sometimes(one([1.5, 2, 3]), 1)),
    maxLength,
    minLength: sometimes(random.below(maxLength), 0),
    forced: sometimes(
      Array.from({ length: random.below(4) }, () => one(content)),
      [],
    ),
    suppressed: sometimes([one(content)], []),
    repetitionPenalty: sometimes(one([0.7, 1.3, 2]), 1),
    noRepeatNgram: sometimes(1 + random.below(4), 0),
    ...(samples
      ? {
          sampling: {
            temperature: one([0.5, 1, 2]),
            topK: sometimes(1 + random.below(V), V),
            topP: sometimes(0.2 + 0.8 * random.uniform(), 1),
            uniform: Array.from({ length: maxLength }, () => random.uniform()),
          },
        }
      : {}),
  };
}

describe("search in decoder.onnx", () => {
  let session: Session;
  beforeAll(async () => {
    const g = new Graph();
    addSearch(g, { decoder: toy, special: SPECIAL });
    session = await createSession(serialize(g), { threads: 1 });
  });

  const byTokens = (a: OracleHypothesis, b: OracleHypothesis) => (a.tokens.join() < b.tokens.join() ? -1 : 1);
  const expectSame = (left: readonly OracleHypothesis[], right: readonly OracleHypothesis[]) => {
    const [actual, expected] = [[...left].sort(byTokens), [...right].sort(byTokens)];
    expect(actual.map((h) => h.tokens)).toEqual(expected.map((h) => h.tokens));
    actual.forEach((h, k) => {
      expect(h.score).toBeCloseTo(expected[k]!.score, 3);
      h.logProbabilities.forEach((p, t) => void expect(p).toBeCloseTo(expected[k]!.logProbabilities[t]!, 3));
    });
  };

  it("gives what a textbook search gives, for a thousand random requests of any mix of wishes in shared batches", async () => {
    const random = new Random(11);
    for (let round = 0; round < 200; round++) {
      const requests = Array.from({ length: 5 }, () => draw(random));
      const results = await search(session, requests, 1 + random.below(5));
      requests.forEach((request, i) => {
        expectSame(results[i]!, oracleSearch(nextLogProbabilities, SPECIAL, request));
      });
    }
  });

  it("does not depend on the number of steps a run, nor on the company", async () => {
    const random = new Random(12);
    const requests = Array.from({ length: 8 }, () => draw(random));
    const together = await search(session, requests, 4);
    for (const [i, request] of requests.entries()) {
      const [alone] = await search(session, [request], 1);
      expectSame(alone!, together[i]!);
    }
  });

  it("scores a forced text with the model's own log-probabilities", async () => {
    const text = [4, 5, 1, 6, 3];
    const [[scored]] = (await search(session, [{ ...PLAIN, maxLength: 5, forced: text }], 5)) as [[OracleHypothesis]];
    const expected = text.reduce((sum, token, k) => sum + nextLogProbabilities([2, ...text.slice(0, k)])[token]!, 0);
    expect(scored!.tokens).toEqual(text);
    expect(scored!.score).toBeCloseTo(expected, 4);
  });

  const everything = { topK: V, topP: 1, uniform: [] };
  const sampleFirst = async (options: { temperature: number; topK?: number; topP?: number }, uniforms: number[]) => {
    const n = uniforms.length;
    const outputs = await session.run({
      steps: integers([1], []),
      token: integers(new Array(n).fill(4), [n]),
      score: float32(new Float32Array(n), [n, 1]),
      position: integers(new Array(n).fill(0), [n]),
      history: integers([], [n, 0]),
      ...wishes(uniforms.map(() => ({ ...PLAIN, maxLength: 1, sampling: { ...everything, ...options } }))),
      "state.memory": float32(new Float32Array(n), [n, 1]),
      forced: integers(new Array(n).fill(-1), [n, 1]),
      uniform: float32(Float32Array.from(uniforms), [n, 1]),
    });
    return { tokens: Array.from(int64s(outputs.tokens!), Number), scores: Array.from(floats(outputs.scores!)) };
  };
  const expectedAfter4 = nextLogProbabilities([4]).map(Math.exp);

  it("samples each token as often as the model says", async () => {
    const n = 4000;
    const { tokens, scores } = await sampleFirst(
      { temperature: 1 },
      Array.from({ length: n }, (_, k) => (k + 0.5) / n),
    );
    expectedAfter4.forEach((p, token) => {
      const share = tokens.filter((t) => t === token).length / n;
      expect(Math.abs(share - p)).toBeLessThan(1e-3);
    });
    tokens.forEach((token, k) => void expect(scores[k]).toBeCloseTo(Math.log(expectedAfter4[token]!), 4));
  });

  it("keeps to the k likeliest, and to the smallest set that reaches p", async () => {
    const order = expectedAfter4.map((p, token) => ({ p, token })).sort((a, b) => b.p - a.p);
    const uniforms = Array.from({ length: 200 }, (_, k) => k / 200);
    const two = await sampleFirst({ temperature: 1, topK: 2 }, uniforms);
    expect(new Set(two.tokens)).toEqual(new Set(order.slice(0, 2).map((o) => o.token)));
    const greedy = await sampleFirst({ temperature: 3, topK: 1 }, uniforms);
    expect(new Set(greedy.tokens)).toEqual(new Set([order[0]!.token]));
    const p = order[0]!.p + order[1]!.p / 2;
    const nucleus = await sampleFirst({ temperature: 1, topP: p }, uniforms);
    expect(new Set(nucleus.tokens)).toEqual(new Set(order.slice(0, 2).map((o) => o.token)));
  });
});
