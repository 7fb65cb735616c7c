import { describe, expect, test } from "vitest";
import type { Advanced } from "./running-batch.js";
import { Trace } from "./trace.js";

const EOS = 3;
const DEAD = -1e30;

/** A run of one sentence among others: rows of other sentences and padding are filled with what must not be read. */
function run(steps: { tokens: number[]; parents: number[]; scores: number[]; attention?: number[][] }[]): Advanced {
  const beam = steps[0]!.tokens.length;
  const sentences = 3;
  const source = 4;
  const ints = (key: "tokens" | "parents") =>
    Int32Array.from(steps.flatMap((step) => [...new Array(beam).fill(99), ...step[key], ...new Array(beam).fill(99)]));
  const strangers = new Array(beam).fill(0.5);
  const foreign = new Array(beam * source).fill(7);
  return {
    steps: steps.length,
    sentences,
    beam,
    source,
    tokens: ints("tokens"),
    parents: ints("parents"),
    scores: Float32Array.from(steps.flatMap((step) => [...strangers, ...step.scores, ...strangers])),
    attention: Float32Array.from(
      steps.flatMap(({ attention = [] }) => [
        ...foreign,
        ...attention.flatMap((row) => [...row, ...new Array(source - row.length).fill(7)]),
        ...foreign,
      ]),
    ),
  };
}

const pathsOf = (trace: Trace, skip = 0) =>
  trace.ends(skip).map((end) => ({ ...trace.follow(end, skip), penalized: end.penalized }));

const greedy = (...tokens: number[]) =>
  run(tokens.map((token, k) => ({ tokens: [token], parents: [0], scores: [-(k + 1)], attention: [[k, 1]] })));

describe("the trace of a search", () => {
  test("of one slot is its tokens, in whatever runs they come", () => {
    const whole = new Trace({ hypotheses: 1, maxSteps: 9, eos: EOS, attendTo: 2 });
    whole.record(greedy(5, 6, 7, EOS), 1);
    const [path] = pathsOf(whole);
    expect(path).toMatchObject({ tokens: [5, 6, 7, EOS], logProbabilities: [-1, -1, -1, -1], finishReason: "end" });
    expect(path!.attention).toEqual({ weights: Float32Array.of(0, 1, 1, 1, 2, 1, 3, 1), source: 2 });
    expect(whole.firstTokens).toEqual([5, 6, 7, EOS]);
    expect(whole.isComplete).toBe(true);
  });

  test("follows parents back through runs of unlike beams", () => {
    const trace = new Trace({ hypotheses: 2, maxSteps: 3, eos: EOS, attendTo: 0 });
    trace.record(
      run([
        { tokens: [10, 11], parents: [0, 0], scores: [-1, -2] },
        { tokens: [EOS, 12], parents: [0, 1], scores: [-2, -2.5] },
      ]),
      1,
    );
    expect(trace.isComplete).toBe(false);
    trace.record(run([{ tokens: [13], parents: [1], scores: [-3] }]), 1);
    expect(trace.isComplete).toBe(true);
    expect(pathsOf(trace)).toEqual([
      { tokens: [10, EOS], logProbabilities: [-1, -1], penalized: -2, finishReason: "end" },
      { tokens: [11, 12, 13], logProbabilities: [-2, -0.5, -0.5], penalized: -3, finishReason: "length" },
    ]);
    expect(pathsOf(trace, 1)[1]).toMatchObject({ tokens: [12, 13], penalized: -1 });
  });

  test("counts no step after the search is complete", () => {
    const trace = new Trace({ hypotheses: 1, maxSteps: 9, eos: EOS, attendTo: 0 });
    trace.record(greedy(5, EOS, 8, 8), 1);
    expect(trace.position).toBe(2);
    trace.record(greedy(9), 1);
    expect(trace.firstTokens).toEqual([5, EOS]);
  });

  test("has no hypothesis of dead slots", () => {
    const trace = new Trace({ hypotheses: 2, maxSteps: 9, eos: EOS, attendTo: 0 });
    trace.record(run([{ tokens: [5, 6], parents: [0, 0], scores: [DEAD, DEAD] }]), 1);
    expect(trace.isComplete).toBe(true);
    expect(pathsOf(trace)).toEqual([]);
  });

  test("forgets an end that lies behind a cut", () => {
    const trace = new Trace({ hypotheses: 1, maxSteps: 9, eos: EOS, attendTo: 0 });
    trace.record(greedy(5, 6, 7, EOS), 1);
    trace.cutTo(2);
    expect(pathsOf(trace)).toMatchObject([{ tokens: [5, 6], finishReason: "length" }]);
  });
});
