import { describe, expect, it } from "vitest";
import { parseRecipe } from "../recipe/index.js";
import type { HistoryEntry } from "../trainer/history.js";
import { paceOf } from "./pace.js";
import { reportPage } from "./page.js";
import type { RunFacts } from "./run-facts.js";
import type { SampleEntry } from "./sample-log.js";

const EVIL = `"><script src='http://evil.example/x.js'></script>\u0000&amp;`;

const facts: RunFacts = {
  recipe: parseRecipe(`
name: t
task: translation
data:
  folder: ${JSON.stringify(EVIL.replace("\u0000", ""))}
  source: { language: en, train: a, valid: a }
  target: { language: fr, train: b, valid: b }
tokenizer: { type: bpe, vocabularySize: 60 }
model: { embedding: 16, encoder: { hidden: 16 }, decoder: { hidden: 24 } }
training: { learningRate: 0.01, batchTokens: 200, maxSteps: 12, validateEvery: 5 }
`),
  data: EVIL,
  batchesPerEpoch: 3,
  vocabulary: { source: 60, target: 60 },
  parameters: 1234567,
  sessions: [
    {
      begin: "2025-01-02T03:04:05.678Z",
      machine: { cpu: EVIL, cores: 2, memory: 2 ** 33, system: "Linux x64", node: "20.0.0", onnxRuntime: "1.0.0" },
    },
  ],
};

const entry = (step: number, text: string): SampleEntry => ({
  kind: "validation",
  step,
  epoch: 1,
  samples: [{ source: EVIL, reference: EVIL, text, alignment: { source: [EVIL], target: [EVIL], weights: [[1]] } }],
});

describe("the page of a report", () => {
  it("escapes whatever comes from outside", () => {
    const page = reportPage({ facts, history: [], samples: [entry(5, EVIL)] });
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<[^>]*evil\.example[^>]*>/);
    expect(page).toContain("&quot;&gt;&lt;script src=&#39;http://evil.example/x.js&#39;&gt;");
    expect(page).not.toContain("\u0000");
  });

  it("says so when a translation is nothing, and draws a BLEU of nothing on an axis that can be read", () => {
    const measured: HistoryEntry = {
      kind: "validation",
      step: 5,
      epoch: 1,
      loss: 6,
      perplexity: 400,
      accuracy: 0,
      bleu: 0,
      isBest: true,
      seconds: 1,
    };
    const page = reportPage({ facts, history: [measured], samples: [entry(5, "")] });
    expect(page).toContain("<li><b>5, epoch 1</b> <i>nothing</i></li>");
    expect(page).not.toContain("e−");
    const early = reportPage({ facts, history: [{ ...measured, perplexity: 24_601.3 }], samples: [] });
    expect(early).toContain("<dt>perplexity</dt><dd>24,601</dd>");
  });

  it("writes a translation that did not change once", () => {
    const samples = [entry(5, "un"), entry(10, "deux"), entry(15, "deux"), entry(20, "un")];
    const page = reportPage({ facts, history: [], samples });
    const said = [...page.matchAll(/<li><b>(.*?)<\/b> <span dir="auto" lang="fr">(.*?)<\/span>/g)].map((m) => [
      m[1],
      m[2],
    ]);
    expect(said).toEqual([
      ["20, epoch 1", "un"],
      ["10 – 15", "deux"],
      ["5, epoch 1", "un"],
    ]);
    expect(page.match(/<span dir="auto"/g)).toHaveLength(2 + said.length); // source and reference, too
  });

  it("of a training that has just begun has neither samples nor heat maps, and no hole", () => {
    const page = reportPage({ facts, history: [], samples: [] });
    expect(page).toContain("in training");
    expect(page).not.toMatch(/id="samples"|id="attention"|NaN|undefined|\[object/);
  });
});

describe("the pace", () => {
  it("is that of steps, however many a run: validations do not count", () => {
    const train = (step: number, seconds: number): HistoryEntry => ({
      kind: "train",
      step,
      epoch: 1,
      loss: 1,
      perplexity: 3,
      learningRate: 1,
      gradientNorm: 1,
      targetTokens: 1000,
      seconds,
    });
    const scores = { step: 100, epoch: 1, loss: 1, perplexity: 3, accuracy: 1, isBest: true };
    const history: HistoryEntry[] = [
      ...[train(50, 19), train(100, 20)], // told of in one
      { ...scores, kind: "validation", seconds: 130 },
      ...[train(150, 139), train(200, 150)],
    ];
    expect(paceOf(history)).toBe(100);
    expect(paceOf([])).toBe(0);
  });
});
