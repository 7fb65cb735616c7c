import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "@carousel/training/random";
import { describe, expect, it } from "vitest";
import { type CellRun, compareCells, medianRate } from "./cells-experiment.js";

const SMALL = `
name: small
task: translation
data:
  folder: .
  source: { language: en, train: train.en, valid: valid.en }
  target: { language: de, train: train.de, valid: valid.de }
tokenizer: { type: char, vocabularySize: 40 }
model: { embedding: 16, encoder: { hidden: 16, rowLength: 4 }, decoder: { hidden: 32 } }
training: { learningRate: 0.01, batchTokens: 400, maxSteps: 10, validateEvery: 40 }
`;

const WORDS: Record<string, string> = { one: "eins", two: "zwei", three: "drei", four: "vier" };

/** A folder with a recipe and lines of two words, English and German. */
async function workplace(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cells-"));
  const random = new Random(3);
  const english = Object.keys(WORDS);
  const text = (n: number) => Array.from({ length: n }, () => [0, 1].map(() => english[random.below(english.length)]!));
  for (const [split, lines] of [
    ["train", text(200)],
    ["val", text(8)],
  ] as const) {
    await writeFile(join(folder, `${split}.en`), lines.map((l) => `${l.join(" ")}\n`).join(""));
    await writeFile(join(folder, `${split}.de`), lines.map((l) => `${l.map((w) => WORDS[w]).join(" ")}\n`).join(""));
  }
  await writeFile(join(folder, "recipe.yaml"), SMALL);
  return folder;
}

describe("the table of cells", () => {
  it("trains the same recipe with each cell, and says what came of it", async () => {
    const folder = await workplace();
    const args = ["--data", folder, "--source", "en", "--target", "de", "--valid", "val", "--threads", "1"];
    const where = ["--recipe", join(folder, "recipe.yaml"), "--runs", join(folder, "runs"), "--out", folder];
    const few = ["rnn", "gru", "conv-lstm-peephole"];
    await compareCells([...args, ...where, "--steps", "40", "--cell", "lstm"]);
    const runs = await compareCells([...args, ...where, "--steps", "40", "--cell", few.join(",")]);
    expect(Object.keys(runs)).toEqual(["lstm", ...few]);
    for (const run of Object.values(runs)) {
      expect(run).toMatchObject({ pair: "en–de", steps: 40 });
      expect(run.perplexity).toBeLessThan(12); // 14 characters, the end among them
      expect(run.tokensPerSecond).toBeGreaterThan(0);
    }
    const count = (cell: string) => (runs[cell] as CellRun).parameters;
    expect(count("rnn")).toBeLessThan(count("gru"));
    expect(count("gru")).toBeLessThan(count("lstm"));
    const table = (await readFile(join(folder, "cells.md"), "utf8")).trim().split("\n");
    expect(table.slice(2).map((row) => row.split(" ")[1])).toEqual(["rnn", "lstm", "gru", "conv-lstm-peephole"]);
    expect(table.map((row) => row.split("|").length)).toEqual(table.map(() => 8));
    expect(JSON.parse(await readFile(join(folder, "cells.json"), "utf8")).runs).toEqual(runs);
    const picture = await readFile(join(folder, "cells.svg"), "utf8");
    for (const [cell, { bleu }] of Object.entries(runs))
      expect(picture).toMatch(new RegExp(`>${cell}<[^]*>${bleu.toFixed(2)}<`));
    await rm(folder, { recursive: true });
  });

  it("has the rate of the middle step, not that of a step with a validation before it", () => {
    const at = (seconds: number) => ({ seconds, targetTokens: 100 });
    expect(medianRate([at(0), at(1), at(2), at(12), at(13.25), at(14.25)])).toBe(100);
    expect(medianRate([at(0)])).toBe(0);
    expect(medianRate([at(0), at(0), at(2), at(2), at(4), at(4)])).toBe(100);
  });

  it("says what is missing", async () => {
    await expect(compareCells([])).rejects.toThrow("--data is required: a folder with parallel text");
    await expect(compareCells(["--data", "x", "--cell", "tlstm"])).rejects.toThrow("--cell tlstm: must be one of rnn,");
  });
});
