import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sampleModel } from "../export/sample.js";
import { translateGreedily } from "../export/translate.js";
import { parseRecipe } from "../recipe/index.js";
import { readHistory } from "../trainer/history.js";
import { reversedWords } from "../trainer/test-support/reversed-words.js";
import { TRANSLATION as TIED } from "../trainer/test-support/small-trainings.js";
import { train } from "../trainer/train.js";
import type { RunFacts } from "./run-facts.js";
import { SampleLog } from "./sample-log.js";

const WORDS = ["red", "green", "<b>", "small", "R&D", "dog", "cat", "bird", "runs", "sleeps"];

const corpus = () => reversedWords({ words: WORDS, shortest: 2 });

const TRANSLATION = TIED.replace(", tieEmbeddings: true", "");

const GENERATION = `
name: words
task: generation
data: { folder: '', language: en, train: train.a, valid: 0.1, windowLength: 20 }
tokenizer: { type: char, vocabularySize: 60, characterCoverage: 1, normalization: identity }
model: { embedding: 8, decoder: { hidden: 16 } }
training: { learningRate: 0.01, batchTokens: 200, maxSteps: 4, validateEvery: 2, threads: 1 }
`;

let data: string;
let whole: Run;
beforeAll(async () => {
  data = await corpus();
  whole = await run(TRANSLATION);
}, 60_000);

interface Run {
  readonly runFolder: string;
  readonly page: string;
  readonly steps: readonly (string | number)[];
}

async function run(
  text: string,
  options: { set?: string[]; runFolder?: string; stopAfter?: number } = {},
): Promise<Run> {
  const { set = [], stopAfter } = options;
  const recipe = parseRecipe(text, { set: [`data=${data}`, ...set] });
  const runFolder = options.runFolder ?? (await mkdtemp(join(tmpdir(), "carousel-run-")));
  const stop = new AbortController();
  await train({
    recipe,
    runFolder,
    resume: options.runFolder !== undefined,
    takeSamples: sampleModel,
    ...(recipe.task === "translation" ? { translate: translateGreedily } : {}),
    signal: stop.signal,
    onProgress: (e) => e.kind === "step" && e.step === stopAfter && stop.abort(),
  });
  const entries = await new SampleLog(join(runFolder, "samples.jsonl")).entries();
  return {
    runFolder,
    page: await readFile(join(runFolder, "report", "index.html"), "utf8"),
    steps: entries.map((e) => (e.kind === "final" ? "final" : e.step)),
  };
}

const VOID = new Set(["meta", "link", "!doctype"]);

/** Names of the elements that are open at the end, or the first that closes another than its own. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const content = page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, "");
  for (const [, close, name, self] of content.matchAll(/<(\/?)([!a-zA-Z][a-zA-Z0-9]*)[^<>]*?(\/?)>/g)) {
    if (self || VOID.has(name!)) continue;
    if (!close) open.push(name!);
    else if (open.pop() !== name) return [`</${name}>`];
  }
  return open;
}

const chartTitles = (page: string) => [...page.matchAll(/class="chart-title"[^>]*>([^<]*)</g)].map((m) => m[1]);

describe("the report of a training", () => {
  it("has the curves, samples, heat maps, the configuration and the machine", async () => {
    const { page, steps, runFolder } = whole;
    expect(unbalanced(page)).toEqual([]);
    expect(chartTitles(page)).toEqual([
      "Loss, nats a token",
      "Perplexity",
      "BLEU",
      "Next token right, %",
      "Learning rate",
      "Norm of the gradients",
    ]);
    for (const values of ["5:", "10:", "12:"])
      expect(page).toMatch(new RegExp(`data-label="validation"[^>]*${values}`));
    expect(steps).toEqual([5, 10, 12, "final"]);
    expect(page.match(/<article class="sample">/g)).toHaveLength(6);
    const section = (id: string) => page.match(new RegExp(`<section id="${id}">[\\s\\S]*?</section>`))![0];
    expect(section("samples")).toContain("&lt;b&gt;");
    expect(section("setup")).toContain("learningRate: 0.01");
    expect(section("setup")).toContain("300 training pairs");
    expect(section("setup")).toContain(`Node.js</dt><dd>${process.versions.node}<`);
    expect(section("setup")).toMatch(/ONNX Runtime<\/dt><dd>\d+\.\d+\.\d+</);
    expect(page.match(/<header>[\s\S]*<\/header>/)![0]).toContain("finished: limit");
    expect(await readFile(join(runFolder, "report", "curve.svg"), "utf8")).toMatch(/^<svg .*>BLEU</s);
  });

  it("loads nothing", () => {
    const { page } = whole;
    const references = [...page.matchAll(/\b(?:src|href|action|srcset|poster)\s*=\s*["']?([^"'\s>]*)/gi)];
    expect(references.map((m) => m[1])).toEqual(["data:,"]);
    expect(page).not.toMatch(/url\(|@import|https?:|fetch\(|import\(/);
  });

  it("shows weights over the source that sum to 1 for every piece of the translation", () => {
    const { page } = whole;
    const rows = [...page.matchAll(/<g class="row">([\s\S]*?)<\/g>/g)].map((m) =>
      [...m[1]!.matchAll(/data-weight="([^"]*)"/g)].map((w) => Number(w[1])),
    );
    expect(rows.length).toBeGreaterThan(6);
    for (const weights of rows) {
      expect(weights.length).toBeGreaterThan(4);
      expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 2);
    }
    const maps = [...page.matchAll(/<svg class="heat"([\s\S]*?)<\/svg>/g)];
    expect(maps).toHaveLength(6);
    for (const [, map] of maps) {
      const columns = map!.match(/rotate\(/g)!.length;
      expect(map!.match(/<rect/g)!.length).toBe(columns * map!.match(/class="row"/g)!.length);
    }
  });

  it("names the pieces of each translation beside its rows", async () => {
    const entries = await new SampleLog(join(whole.runFolder, "samples.jsonl")).entries();
    for (const { text, alignment } of entries.flatMap((e) => e.samples)) {
      const pieces = alignment!.target.join("").replace("</s>", "").replaceAll("▁", " ");
      expect(pieces.trim()).toBe(text);
      expect(alignment!.source.at(-1)).toBe("</s>");
    }
  });

  it("shows where each token of a model without a decoder begins", async () => {
    const ctc = TRANSLATION.replace(/^model:.*$/m, "model: { kind: ctc, embedding: 16, encoder: { hidden: 16 } }");
    const { page, runFolder } = await run(ctc, { set: ["training.maxSteps=1"] });
    expect(unbalanced(page)).toEqual([]);
    expect(chartTitles(page)).toContain("Tokens right in their place, %");
    expect(page).toContain("<h2>Alignment</h2>");
    expect(page).not.toMatch(/next token right|>Attention</i);
    const entries = await new SampleLog(join(runFolder, "samples.jsonl")).entries();
    for (const { alignment } of entries.flatMap((e) => e.samples)) {
      for (const row of alignment!.weights) expect(row.toSorted((a, b) => b - a).slice(0, 2)).toEqual([1, 0]);
    }
  });

  it("keeps what was collected before a resumption, and no more", async () => {
    const { runFolder, page: stopped } = await run(TRANSLATION, { stopAfter: 7 });
    expect(stopped).toContain("interrupted");
    const resumed = await run(TRANSLATION, { runFolder });
    expect(resumed.steps).toEqual([5, 10, 12, "final"]);
    // of every step, also of those since the last entry before it was stopped
    const steps = async (folder: string) =>
      (await readHistory(join(folder, "history.jsonl"))).filter((e) => e.kind === "train").map((e) => e.step);
    expect(await steps(whole.runFolder)).toEqual([1, 2, 5, 10, 12]);
    expect(await steps(runFolder)).toEqual([1, 2, 5, 7, 10, 12]);
    const samples = (folder: string) => readFile(join(folder, "samples.jsonl"), "utf8");
    expect(await samples(runFolder)).toBe(await samples(whole.runFolder));
    expect(resumed.page).toContain("; resumed ");
    const { sessions } = JSON.parse(await readFile(join(runFolder, "run.json"), "utf8")) as RunFacts;
    expect(sessions).toHaveLength(2);
  });

  it("of a finished training that goes on has no final samples in its midst", async () => {
    const { runFolder, steps } = await run(TRANSLATION, { set: ["training.maxSteps=5"] });
    expect(steps).toEqual([5, "final"]);
    expect((await run(TRANSLATION, { runFolder })).steps).toEqual([5, 10, 12, "final"]);
  });

  it("of a language model shows texts that it made up", async () => {
    const { page, steps, runFolder } = await run(GENERATION);
    expect(steps).toEqual([2, 4, "final"]);
    expect(chartTitles(page)).not.toContain("BLEU");
    expect(page).not.toContain('id="attention"');
    const entries = await new SampleLog(join(runFolder, "samples.jsonl")).entries();
    const texts = entries.map((e) => e.samples.map((s) => s.text));
    expect(texts[0]).toHaveLength(2);
    // the same random numbers, drawn from what was learned since
    expect(texts[1]).not.toEqual(texts[0]);
    // the final parameters are those of the last, best validation
    expect(texts[2]).toEqual(texts[1]);
    expect(page).toContain("<b>4 – final</b>");
  });
});
