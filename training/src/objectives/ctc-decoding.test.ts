import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { BLANK } from "./ctc.js";
import { bestPathTokens, type FrameLogProbabilities, prefixBeamSearch } from "./ctc-decoding.js";

function drawn(seed: number, { frames, vocabulary }: { frames: number; vocabulary: number }): FrameLogProbabilities {
  const random = new Random(seed);
  const rows = Array.from({ length: frames }, () => {
    const logits = Array.from({ length: vocabulary }, () => 2 * random.normal());
    const normalizer = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
    return logits.map((x) => x - normalizer);
  });
  return { values: Float32Array.from(rows.flat()), frames, vocabulary };
}

/** Every path: its labels, and ln of its probability. */
function* paths({ values, frames, vocabulary }: FrameLogProbabilities): Generator<{ labels: number[]; score: number }> {
  for (let code = 0; code < vocabulary ** frames; code++) {
    const labels = Array.from({ length: frames }, (_, t) => Math.floor(code / vocabulary ** t) % vocabulary);
    yield { labels, score: labels.reduce((sum, label, t) => sum + values[t * vocabulary + label]!, 0) };
  }
}

function collapse(labels: readonly number[]): number[] {
  return labels.filter((label, t) => label !== BLANK && label !== labels[t - 1]);
}

/** Probabilities of all token sequences, best first, by going through every path. */
function enumerated(input: FrameLogProbabilities): [string, number][] {
  const sums = new Map<string, number>();
  for (const { labels, score } of paths(input)) {
    const key = collapse(labels).join(" ");
    sums.set(key, (sums.get(key) ?? 0) + Math.exp(score));
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}

const CASES = [1, 2, 3, 4, 5, 6].map((seed) => ({ seed, frames: 1 + (seed % 6), vocabulary: 2 + (seed % 3) }));

describe("best path", () => {
  it.each(CASES)("is the likeliest of all paths: $frames frames of $vocabulary labels", ({ seed, ...sizes }) => {
    const input = drawn(seed, sizes);
    const likeliest = [...paths(input)].reduce((a, b) => (b.score > a.score ? b : a));
    const found = bestPathTokens(input);
    expect(found.tokens).toEqual(collapse(likeliest.labels));
    const begins = likeliest.labels.map((label, t) => label !== BLANK && label !== likeliest.labels[t - 1]);
    const score = begins.reduce(
      (sum, begin, t) => sum + (begin ? input.values[t * sizes.vocabulary + likeliest.labels[t]!]! : 0),
      0,
    );
    expect(found.score).toBeCloseTo(score, 5);
  });
});

describe("prefix beam search", () => {
  it.each(CASES)("sums over paths as going through all does: $frames frames of $vocabulary labels", (c) => {
    const { seed, ...sizes } = c;
    const input = drawn(seed, sizes);
    const all = enumerated(input);
    const found = prefixBeamSearch(input, { beamSize: 10_000 });
    expect(found.map((h) => h.tokens.join(" ")).slice(0, 3)).toEqual(all.map(([key]) => key).slice(0, 3));
    const possible = found.filter((h) => h.score > Number.NEGATIVE_INFINITY);
    expect(possible.length).toBe(all.length);
    for (const { tokens, score } of possible) {
      expect(Math.exp(score)).toBeCloseTo(all.find(([key]) => key === tokens.join(" "))![1], 6);
    }
  });

  it("finds what the best path misses: two paths to one text that together are likelier", () => {
    // the likeliest path is two blanks, 0.36; one token comes by three paths, 0.64
    const row = [Math.log(0.6), Math.log(0.4)];
    const input = { values: Float32Array.from([...row, ...row]), frames: 2, vocabulary: 2 };
    expect(bestPathTokens(input).tokens).toEqual([]);
    const [first, second] = prefixBeamSearch(input, { beamSize: 2 });
    expect(first!.tokens).toEqual([1]);
    expect(Math.exp(first!.score)).toBeCloseTo(0.64, 6);
    expect(Math.exp(second!.score)).toBeCloseTo(0.36, 6);
  });

  it("keeps no more hypotheses than it is asked to", () => {
    const input = drawn(9, { frames: 6, vocabulary: 5 });
    expect(prefixBeamSearch(input, { beamSize: 3 })).toHaveLength(3);
  });
});
