import { describe, expect, it } from "vitest";
import { BOS, EOS, PAD, SPECIAL, UNK } from "../data/special.js";
import { translationBatch } from "../data/translation-data.js";
import { type WeightedRow, weightedBatch } from "../data/weighted-batch.js";
import { fedInference } from "../export/fed-inference.js";
import { createSession, floats, scalar } from "../onnx/runtime.js";
import { Random } from "../random.js";
import { trainGraphOf } from "../trainer/from-recipe.js";
import { ParameterLayout } from "../trainer/parameters.js";
import { toyTranslation } from "../trainer/test-support/toy-translation.js";
import { minimumRiskWeights, renormalized } from "./minimum-risk.js";
import { longestSample, PolicyGradient, type PolicyGradientOptions } from "./policy-gradient.js";
import { selfCriticalWeights } from "./self-critical.js";

const VOCABULARY = 6;
const [A, B] = [4, 5];
const SOURCE = [A, B, EOS];
const REFERENCE = [B];
const LONGEST = longestSample([[...REFERENCE, EOS]]);

const recipe = toyTranslation(
  VOCABULARY,
  `
model: { embedding: 3, encoder: { hidden: 2 }, decoder: { hidden: 3 } }
training: { learningRate: 0.01, batchTokens: 512, maxSteps: 1, validateEvery: 1 }
`,
);

/** B's early are good, a long sequence is not. */
function reward(ids: readonly number[]): number {
  return ids.reduce((sum, id, k) => sum + (id === B ? 0.5 ** k : 0), 0) / (1 + 0.2 * ids.length);
}

type Sequence = Pick<WeightedRow, "target"> & { readonly reward: number };

/** Every sequence that the model can say: of A and B, ended by eos, or cut at the longest that is sampled. */
function allSequences(): Sequence[] {
  const found: Sequence[] = [];
  const grow = (ids: readonly number[]) => {
    if (ids.length === LONGEST) return void found.push({ target: ids, reward: reward(ids) });
    found.push({ target: [...ids, EOS], reward: reward(ids) });
    for (const token of [A, B]) grow([...ids, token]);
  };
  grow([]);
  return found;
}

/** A model with few sequences to say, whose parameters are all far from zero. */
async function enumerable() {
  const vocabulary = { source: VOCABULARY, target: VOCABULARY };
  const graph = trainGraphOf(recipe, vocabulary);
  const layout = new ParameterLayout(graph.parameters);
  const random = new Random(5);
  const parameters: Float32Array = layout.initialize(random).map((p) => p + 0.4 * random.normal());
  const bias = layout.named(parameters).get("output.b")!.data;
  for (const token of [PAD, UNK, BOS]) bias[token] = -40;
  const [training, evaluation] = [
    await createSession(graph.model, { threads: 1 }),
    await createSession(graph.evaluation, { threads: 1 }),
  ];
  const row = (target: readonly number[], weight: number) => ({ source: SOURCE, target, weight });
  return {
    parameters,
    layout,
    /** ln p of a sequence, by the graph that training is evaluated with. */
    async logProbability(target: readonly number[], at: Float32Array = parameters): Promise<number> {
      const { feeds } = weightedBatch([row(target, 1)], { targetTokens: 1 });
      const { nll } = await evaluation.run({ ...layout.tensors(at), ...feeds, loss_scale: scalar(1) }, ["nll"]);
      return -floats(nll!)[0]!;
    },
    /** Of Σ weight · −ln p, flat. */
    async gradient(batch: Pick<ReturnType<typeof weightedBatch>, "feeds">): Promise<Float32Array> {
      const gradients = new Float32Array(layout.size);
      const fetches = { loss: null, nll: null, ...layout.tensors(gradients, "grad.") };
      await training.run({ ...layout.tensors(parameters), ...batch.feeds, loss_scale: scalar(1) }, fetches);
      return gradients;
    },
    async expectedReward(at: Float32Array = parameters): Promise<number> {
      let sum = 0;
      for (const { target, reward } of allSequences()) sum += Math.exp(await this.logProbability(target, at)) * reward;
      return sum;
    },
    weighted: (rows: readonly { target: readonly number[]; weight: number }[]) =>
      weightedBatch(
        rows.map(({ target, weight }) => row(target, weight)),
        { targetTokens: 1 },
      ),
    /** Every sequence with the weight p · reward. */
    async byReward() {
      const rows = [];
      for (const { target, reward } of allSequences()) {
        rows.push({ target, weight: Math.exp(await this.logProbability(target)) * reward });
      }
      return this.weighted(rows);
    },
    async objective(options: Pick<PolicyGradientOptions, "samples" | "weighting">) {
      const weights = layout.tensors(parameters);
      const model = await fedInference({ recipe, vocabulary, weights, threads: 1 });
      return new PolicyGradient({ model, reward, temperature: 1, crossEntropyWeight: 0, seed: 1, ...options });
    },
  };
}

/** The slope of a function of the parameters along a direction. */
async function slope(of: (at: Float32Array) => Promise<number>, at: Float32Array, direction: Float32Array) {
  const h = 0.01;
  const moved = (by: number): Float32Array => at.map((p, k) => p + by * direction[k]!);
  return ((await of(moved(h))) - (await of(moved(-h)))) / (2 * h);
}

/** Of length 1. */
function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((v) => v / length);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, v, k) => sum + v * b[k]!, 0);
}

function randomDirection(size: number, seed: number): Float32Array {
  const random = new Random(seed);
  return unit(Float32Array.from({ length: size }, () => random.normal()));
}

describe("the gradient of a reward", () => {
  it("is that of −ln p weighted by probability and reward, by finite differences over all sequences", async () => {
    const model = await enumerable();
    const gradient = await model.gradient(await model.byReward());
    for (const direction of [unit(gradient), randomDirection(gradient.length, 1)]) {
      const measured = await slope((at) => model.expectedReward(at), model.parameters, direction);
      expect(-dot(gradient, direction)).toBeCloseTo(measured, 3);
    }
    expect(Math.hypot(...gradient)).toBeGreaterThan(0.05);
  });

  it("is what self-critical samples give on average", async () => {
    const model = await enumerable();
    const exact = await model.gradient(await model.byReward());
    const objective = await model.objective({ samples: 40, weighting: { kind: "self-critical" } });
    const sentences = 64;
    const pair = { source: SOURCE.slice(0, -1), target: REFERENCE };
    const batch = translationBatch(new Array(sentences).fill(pair));
    const { reward, ...sampled } = await objective.prepare(batch, 1);
    const estimate = (await model.gradient(sampled)).map((g) => g / sentences);
    const error = Math.hypot(...estimate.map((g, k) => g - exact[k]!)) / Math.hypot(...exact);
    expect(error).toBeLessThan(0.12);
    expect(Math.abs(reward! - 100 * (await model.expectedReward()))).toBeLessThan(1);
    await objective.release();
  });

  it("of the risk of several sequences is that of their minimum risk weights, by finite differences", async () => {
    const model = await enumerable();
    const sequences = allSequences().filter((_, k) => k % 50 === 0);
    const sharpness = 0.7;
    const candidates = async (at?: Float32Array) => {
      const found = [];
      for (const s of sequences) found.push({ ...s, logProbability: await model.logProbability(s.target, at) });
      return found;
    };
    const risk = async (at: Float32Array) => {
      const all = await candidates(at);
      return renormalized(all, { sharpness }).reduce((sum, q, k) => sum + q * (1 - all[k]!.reward), 0);
    };
    const weights = minimumRiskWeights(await candidates(), { sharpness });
    const gradient = await model.gradient(model.weighted(sequences.map((s, k) => ({ ...s, weight: weights[k]! }))));
    for (const direction of [unit(gradient), randomDirection(gradient.length, 2)]) {
      expect(dot(gradient, direction)).toBeCloseTo(await slope(risk, model.parameters, direction), 3);
    }
    expect(Math.hypot(...gradient)).toBeGreaterThan(0.02);
  });
});

describe("samples", () => {
  it("have the probability that the training graph gives them", async () => {
    const model = await enumerable();
    const weights = model.layout.tensors(model.parameters);
    const vocabulary = { source: VOCABULARY, target: VOCABULARY };
    const inference = await fedInference({ recipe, vocabulary, weights, threads: 1 });
    const random = new Random(1);
    const options = { special: SPECIAL, maxLength: LONGEST, uniform: () => random.uniform() };
    const drawn = (await inference.sampled([SOURCE], { ...options, temperatures: new Array(40).fill(1) })).flat();
    for (const { ids, ended, logProbability } of drawn) {
      expect(logProbability).toBeCloseTo(await model.logProbability(ended ? [...ids, EOS] : ids), 4);
    }
    expect(new Set(drawn.map((d) => d.ended))).toEqual(new Set([true, false]));
    await inference.release();
  });

  it("follow the parameters, and are the same for the same step", async () => {
    const model = await enumerable();
    const objective = await model.objective({ samples: 4, weighting: { kind: "minimum-risk", sharpness: 0.5 } });
    const batch = translationBatch([{ source: [A], target: [B] }]);
    const [first, again, other] = [
      await objective.prepare(batch, 1),
      await objective.prepare(batch, 1),
      await objective.prepare(batch, 2),
    ];
    expect(again.feeds.target_in!.data).toEqual(first.feeds.target_in!.data);
    expect(other.feeds.target_in!.data).not.toEqual(first.feeds.target_in!.data);
    model.layout.named(model.parameters).get("output.b")!.data[EOS] = 50;
    const { feeds, reward } = await objective.prepare(batch, 1);
    expect([...(feeds.target_out!.data as BigInt64Array)]).toEqual([BigInt(EOS)]);
    expect(reward).toBe(0);
    await objective.release();
  });
});

describe("weights", () => {
  it("of self-critical training are how much better a sample is than the greedy sequence", () => {
    expect(selfCriticalWeights([0.5, 0.1], { greedy: 0.3 }).map((w) => w.toFixed(6))).toEqual([
      "0.100000",
      "-0.100000",
    ]);
  });

  it("of minimum risk training sum to 0, and do not overflow for unlikely sequences", () => {
    const candidates = [-900, -1000, -905].map((logProbability, k) => ({ logProbability, reward: k / 2 }));
    const weights = minimumRiskWeights(candidates, { sharpness: 0.1 });
    expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(0, 12);
    expect(weights[0]).toBeLessThan(0);
    expect(weights[2]).toBeGreaterThan(0);
  });
});
