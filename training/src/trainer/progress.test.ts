import { describe, expect, it } from "vitest";
import type { StepEvent, ValidationEvent } from "./events.js";
import { Leaderboard } from "./leaderboard.js";
import { duration, progressLine } from "./progress-line.js";

const stepEvent = (step: number): StepEvent => ({
  kind: "step",
  step,
  epoch: 2,
  loss: 3.21,
  perplexity: 24.8,
  learningRate: 0.001,
  gradientNorm: 1,
  targetTokens: 500,
  seconds: step / 2,
  secondsLeft: 75,
});

const validation = (step: number, more: Partial<ValidationEvent> = {}): ValidationEvent => ({
  kind: "validation",
  step,
  epoch: 1,
  loss: 2,
  perplexity: Math.exp(2),
  accuracy: 0.5,
  isBest: true,
  seconds: 61,
  ...more,
});

describe("the progress line", () => {
  const lines = (isTTY: boolean, steps: number) => {
    const written: string[] = [];
    const show = progressLine({ isTTY, write: (text) => written.push(text) });
    for (let step = 1; step <= steps; step++) show(stepEvent(step));
    show(validation(steps, { bleu: 12.345 }));
    return written;
  };

  it("is written now and then to a file, with step, epoch, loss, perplexity, tokens/s and time left", () => {
    expect(lines(false, 100)).toEqual([
      "step 50  epoch 2  loss 3.210  perplexity 24.80  rate 0.00100  1000 tokens/s  01:15 left\n",
      "step 100  epoch 2  loss 3.210  perplexity 24.80  rate 0.00100  1000 tokens/s  01:15 left\n",
      "valid 100  loss 2.0000  perplexity 7.389  accuracy 50.00 %  BLEU 12.35  01:01  best\n",
    ]);
  });

  it("tells the pace of several steps a run, and none before it is known", () => {
    const written: string[] = [];
    const show = progressLine({ write: (text) => written.push(text) });
    // 32 steps in 16 seconds; the first run of a training that is resumed says nothing
    for (let step = 33; step <= 160; step++) show({ ...stepEvent(step), seconds: 16 * Math.ceil(step / 32) });
    expect(written.map((line) => /\d+ tokens\/s/.exec(line)?.[0])).toEqual([
      undefined,
      "1000 tokens/s",
      "1000 tokens/s",
    ]);
  });

  it("is written over itself on a terminal", () => {
    const written = lines(true, 3);
    expect(written).toHaveLength(4);
    for (const line of written) expect(line.startsWith("\r\x1b[K")).toBe(true);
    expect(written.filter((line) => line.endsWith("\n"))).toHaveLength(1);
  });

  it("writes durations as clocks do", () => {
    expect([59.6, 3725, Number.POSITIVE_INFINITY].map(duration)).toEqual(["01:00", "1:02:05", "?"]);
  });
});

describe("the leaderboard", () => {
  it("keeps the best, and counts how long the first was not beaten", () => {
    let board = new Leaderboard({ size: 2, of: "best" });
    for (const [step, score] of [
      [1, 5],
      [2, 7],
      [3, 6],
      [4, 1],
    ] as const)
      board = board.add({ step, score });
    expect(board.state).toEqual({
      entries: [
        { step: 2, score: 7 },
        { step: 3, score: 6 },
      ],
      waited: 2,
    });
    expect([board.has(2), board.has(4)]).toEqual([true, false]);
    expect(board.add({ step: 5, score: 8 }).state.waited).toBe(0);
  });

  it("keeps the last ones to average, beside the best", () => {
    let board = new Leaderboard({ size: 2, of: "last" });
    for (const [k, score] of [5, 7, 6, 1].entries()) board = board.add({ step: k + 1, score });
    expect(board.best).toEqual({ step: 2, score: 7 });
    expect(board.averaged.map((e) => e.step)).toEqual([3, 4]);
    expect([1, 2, 3, 4].filter((step) => board.has(step))).toEqual([2, 3, 4]);
  });
});
