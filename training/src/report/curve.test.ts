import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "../trainer/history.js";
import { curveSvg } from "./curve.js";

const trained = (step: number, loss: number): HistoryEntry => ({
  kind: "train",
  step,
  epoch: 1,
  loss,
  perplexity: Math.exp(loss),
  learningRate: 0.001,
  gradientNorm: 1,
  targetTokens: 500,
  seconds: step,
});

const validated = (step: number, loss: number, more: { bleu?: number; isBest?: boolean } = {}): HistoryEntry => ({
  kind: "validation",
  step,
  epoch: 1,
  loss,
  perplexity: Math.exp(loss),
  accuracy: 0.5,
  isBest: true,
  seconds: step,
  ...more,
});

describe("the training curve", () => {
  const history = [trained(50, 3), validated(50, 2), validated(100, 1, { isBest: false })];

  it("draws losses and perplexity by step", () => {
    const svg = curveSvg(history, { title: "a < b & c" });
    expect(svg).toContain("a &lt; b &amp; c");
    expect(svg).toContain("Perplexity");
    expect(svg.match(/<polyline/g)).toHaveLength(4);
    // step 50 of 100 is in the middle and 100 at the right end; loss 2 is in the middle of 1 and 3, 1 at the bottom
    expect(svg).toContain('points="347.0,97.0 689.0,189.0" data-label="validation" data-values="50:2 100:1"');
    expect(svg).toContain('points="347.0,5.0" data-label="training" data-values="50:3"');
    expect(svg).not.toContain("NaN");
  });

  it("marks the best validation", () => {
    const marked = curveSvg(history, { title: "t" }).match(/<circle class="dot marked validation" cx="347\.0"/g);
    expect(marked).toHaveLength(2);
  });

  it("draws BLEU where it was measured, from 0 to the best", () => {
    const measured = [10, 20, 30].map((bleu, i) => validated(150 + i, 1, { bleu }));
    const svg = curveSvg([...history, ...measured], { title: "t" });
    expect(svg).toContain("BLEU");
    expect(svg).not.toContain("Perplexity");
    expect(svg).toContain('data-values="150:10 151:20 152:30"');
    expect(svg).toMatch(/>0<\/text>[\s\S]*>30<\/text>/);
  });

  it("does not let the first losses flatten the rest", () => {
    const long = Array.from({ length: 100 }, (_, k) => trained(k + 1, k === 0 ? 1000 : 3 - k / 100));
    const svg = curveSvg(long, { title: "t" });
    // the first lies far above the picture, the second at its upper end
    expect(svg).toMatch(/points="[\d.]+,-\d{5,}\.\d [\d.]+,-?\d{1}\.\d /);
  });

  it("has no more points than can be seen", () => {
    const long = Array.from({ length: 5000 }, (_, k) => trained(50 * (k + 1), 2));
    expect(curveSvg(long, { title: "t" }).length).toBeLessThan(40_000);
  });

  it("leaves out a perplexity that is too large to be written", () => {
    const infinite = JSON.parse(JSON.stringify([validated(1, 800), validated(2, 2)])) as HistoryEntry[];
    const svg = curveSvg(infinite, { title: "t" });
    expect(svg).toContain(`data-values="2:${Number(Math.exp(2).toPrecision(5))}"`);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("of nothing yet is a picture all the same", () => {
    expect(curveSvg([], { title: "t" })).not.toMatch(/NaN|Infinity|<polyline/);
  });
});
