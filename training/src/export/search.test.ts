import { beforeAll, describe, expect, it } from "vitest";
import type { DecoderStep } from "../models/decoder-step.js";
import { Graph } from "../onnx/graph.js";
import { createSession, float32, floats, int64s, integers, type Session, type Tensor } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import { Random } from "../random.js";
import { addSearch, DEAD } from "./search.js";
import { type OracleHypothesis, type OracleRequest, oracleSearch } from "./search-oracle.js";

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
    return { logits: bent, states: [next] };
  },
};

function nextLogProbabilities(prefix: readonly number[]): number[] {
  const memory = prefix.slice(0, -1).reduce((state, token) => state / 2 + token, 0);
  const last = prefix.at(-1)!;
  const logits = Array.from(table.subarray(last * V, (last + 1) * V), (x) => x * (1 + 0.3 * Math.tanh(memory)));
  const normalizer = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - normalizer);
}

interface Live {
  tokens: Map<number, number[]>;
}

/** Runs requests together through the graph, `steps` at a time, and puts the hypotheses together. */
async function search(
  session: Session,
  requests: readonly OracleRequest[],
  steps: number,
): Promise<OracleHypothesis[][]> {
  const n = requests.length;
  const beam = Math.max(...requests.map((r) => r.beamSize));
  let feeds: Record<string, Tensor> = {
    token: integers(new Array(n * beam).fill(SPECIAL.bos), [n * beam]),
    score: float32(
      Float32Array.from({ length: n * beam }, (_, k) => (k % beam === 0 ? 0 : -1e30)),
      [n, beam],
    ),
    position: integers(new Array(n).fill(0), [n]),
    beam_size: integers(
      requests.map((r) => r.beamSize),
      [n],
    ),
    "state.memory": float32(new Float32Array(n * beam), [n * beam, 1]),
    min_length: integers(
      requests.map((r) => r.minLength),
      [n],
    ),
    temperature: float32(new Float32Array(n), [n]),
    top_k: integers(new Array(n).fill(V), [n]),
    top_p: float32(new Float32Array(n).fill(1), [n]),
  };
  const live: Live[] = requests.map(() => ({ tokens: new Map([[0, []]]) }));
  const ended: OracleHypothesis[][] = requests.map(() => []);
  const longest = Math.max(...requests.map((r) => r.maxLength));
  for (let position = 0; position < longest; position += steps) {
    const forced = requests.flatMap((r) => Array.from({ length: steps }, (_, k) => r.forced[position + k] ?? -1));
    const outputs = await session.run({
      ...feeds,
      steps: integers([steps], []),
      forced: integers(forced, [n, steps]),
      uniform: float32(new Float32Array(n * steps), [n, steps]),
    });
    const [tokens, parents] = [int64s(outputs.tokens!), int64s(outputs.parents!)];
    const scores = floats(outputs.scores!);
    for (let k = 0; k < steps; k++) {
      requests.forEach((request, i) => {
        const length = position + k + 1;
        if (length > request.maxLength) return;
        const before = live[i]!.tokens;
        const after = new Map<number, number[]>();
        for (let slot = 0; slot < beam; slot++) {
          const at = (k * n + i) * beam + slot;
          if (scores[at]! <= DEAD) continue;
          const sequence = [...before.get(Number(parents[at]))!, Number(tokens[at])];
          if (Number(tokens[at]) === SPECIAL.eos) ended[i]!.push({ tokens: sequence, score: scores[at]! });
          else if (length === request.maxLength) ended[i]!.push({ tokens: sequence, score: scores[at]! });
          else after.set(slot, sequence);
        }
        live[i]!.tokens = after;
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

function draw(random: Random): OracleRequest {
  const maxLength = 1 + random.below(9);
  const content = [1, 4, 5, 6];
  return {
    beamSize: 1 + random.below(5),
    maxLength,
    minLength: random.below(4) === 0 ? random.below(maxLength) : 0,
    forced: random.below(3) === 0 ? Array.from({ length: random.below(4) }, () => content[random.below(4)]!) : [],
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
    actual.forEach((h, k) => void expect(h.score).toBeCloseTo(expected[k]!.score, 3));
  };

  it("gives what a textbook beam search gives, for 300 random requests in mixed batches", async () => {
    const random = new Random(11);
    for (let round = 0; round < 60; round++) {
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
    const [[scored]] = (await search(session, [{ beamSize: 1, maxLength: 5, minLength: 0, forced: text }], 5)) as [
      [OracleHypothesis],
    ];
    const expected = text.reduce((sum, token, k) => sum + nextLogProbabilities([2, ...text.slice(0, k)])[token]!, 0);
    expect(scored!.tokens).toEqual(text);
    expect(scored!.score).toBeCloseTo(expected, 4);
  });

  const sampleFirst = async (options: { temperature: number; topK?: number; topP?: number }, uniforms: number[]) => {
    const n = uniforms.length;
    const outputs = await session.run({
      steps: integers([1], []),
      token: integers(new Array(n).fill(4), [n]),
      score: float32(new Float32Array(n), [n, 1]),
      position: integers(new Array(n).fill(0), [n]),
      beam_size: integers(new Array(n).fill(1), [n]),
      "state.memory": float32(new Float32Array(n), [n, 1]),
      min_length: integers(new Array(n).fill(0), [n]),
      forced: integers(new Array(n).fill(-1), [n, 1]),
      temperature: float32(new Float32Array(n).fill(options.temperature), [n]),
      top_k: integers(new Array(n).fill(options.topK ?? V), [n]),
      top_p: float32(new Float32Array(n).fill(options.topP ?? 1), [n]),
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
