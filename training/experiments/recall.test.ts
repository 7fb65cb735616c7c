import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VECTOR_CELLS } from "@carousel/training/cells/index";
import { floats } from "@carousel/training/onnx/runtime";
import { Random } from "@carousel/training/random";
import { describe, expect, it } from "vitest";
import { ADDING, addingProblem, additionExample, MEMORYLESS_ERROR } from "./adding-problem.js";
import { BLANK, COPYING, copyingExample, copyingMemory, LETTERS, memorylessLoss, RECALL } from "./copying-memory.js";
import { memoryCells } from "./memory-cells.js";
import { OptionError } from "./options.js";
import { recallExperiment } from "./recall.js";

const { lstm } = VECTOR_CELLS;

describe("copying memory", () => {
  it("has ten letters, T − 1 blanks, the sign, ten blanks; and the letters at the end of the targets", () => {
    const lag = 7;
    const { inputs, targets } = copyingExample(new Random(4), lag);
    expect(inputs).toHaveLength(lag + 20);
    expect(targets).toHaveLength(lag + 20);
    const letters = inputs.slice(0, 10);
    expect(letters.every((s) => Number.isInteger(s) && s >= 0 && s < LETTERS)).toBe(true);
    expect(inputs.slice(10, 9 + lag)).toEqual(new Array(lag - 1).fill(BLANK));
    expect(inputs[9 + lag]).toBe(RECALL);
    expect(inputs.slice(10 + lag)).toEqual(new Array(10).fill(BLANK));
    expect(targets.slice(0, lag + 10)).toEqual(new Array(lag + 10).fill(BLANK));
    expect(targets.slice(lag + 10)).toEqual(letters);
  });

  it("draws every letter about as often", () => {
    const counts = new Array<number>(LETTERS).fill(0);
    const random = new Random(1);
    for (let k = 0; k < 800; k++) for (const s of copyingExample(random, 2).inputs.slice(0, 10)) counts[s]!++;
    for (const n of counts) expect(Math.abs(n - 1000)).toBeLessThan(120);
  });

  it("feeds one row a symbol, sequences side by side", () => {
    const [lag, batch, time] = [3, 2, 23];
    const { x, targets } = copyingMemory({ lag, cell: lstm, hidden: 4, batch }).draw(new Random(9));
    expect(x!.dims).toEqual([time, batch, 10]);
    const random = new Random(9);
    for (let b = 0; b < batch; b++) {
      const example = copyingExample(random, lag);
      for (let t = 0; t < time; t++) {
        const row = [...floats(x!).subarray((t * batch + b) * 10, (t * batch + b + 1) * 10)];
        expect(row.indexOf(1)).toBe(example.inputs[t]);
        expect(row.filter((v) => v !== 0)).toHaveLength(1);
        expect(Number(targets!.data[t * batch + b])).toBe(example.targets[t]);
      }
    }
  });

  it("has the baseline 10 · ln 8 / (T + 20)", () => {
    expect(memorylessLoss(100)).toBeCloseTo(0.17329, 5);
    expect(memorylessLoss(200)).toBeCloseTo(0.09452, 5);
  });
});

describe("the adding problem", () => {
  it("marks one value in each half, and asks for their sum", () => {
    const random = new Random(2);
    for (let k = 0; k < 200; k++) {
      const { values, marked, sum } = additionExample(random, 9);
      expect(values).toHaveLength(9);
      expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
      expect(marked[0]).toBeLessThan(4);
      expect(marked[1]).toBeGreaterThanOrEqual(4);
      expect(marked[1]).toBeLessThan(9);
      expect(sum).toBe(values[marked[0]]! + values[marked[1]]!);
    }
  });

  it("feeds values and marks side by side", () => {
    const [length, batch] = [6, 3];
    const { x, sums } = addingProblem({ lag: length, cell: lstm, hidden: 4, batch }).draw(new Random(5));
    const random = new Random(5);
    for (let b = 0; b < batch; b++) {
      const { values, marked, sum } = additionExample(random, length);
      expect(floats(sums!)[b]).toBeCloseTo(sum, 6);
      for (let t = 0; t < length; t++) {
        const [value, mark] = floats(x!).subarray((t * batch + b) * 2);
        expect(value).toBeCloseTo(values[t]!, 6);
        expect(mark).toBe(marked.includes(t) ? 1 : 0);
      }
    }
  });

  it("has the baseline of always saying 1", () => {
    const random = new Random(3);
    const errors = Array.from({ length: 20000 }, () => (additionExample(random, 10).sum - 1) ** 2);
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeCloseTo(MEMORYLESS_ERROR, 2);
  });
});

describe("the experiments at the size of a toy", () => {
  const small = ["--hidden", "16", "--batch", "8", "--seed", "3"];

  it.each(["rnn", "lstm-1997", "lstm", "gru", "lstm-chrono"])("copying: the loss of %s falls", async (cell) => {
    const folder = await mkdtemp(join(tmpdir(), "copying-"));
    const args = ["--lag", "3", "--steps", "60", "--every", "20", "--cell", cell, "--out", folder, ...small];
    const { [cell]: run } = await recallExperiment(COPYING, args);
    const losses = run!.curve.map(([, loss]) => loss);
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(0.8 * losses[0]!);
    expect(run!.loss).toBeLessThan(losses[1]!);
    const repeated = await recallExperiment(COPYING, args);
    expect(repeated[cell]!.curve).toEqual(run!.curve);
    await rm(folder, { recursive: true });
  });

  it("adding: learned over a few steps, and written with the runs made before", async () => {
    const folder = await mkdtemp(join(tmpdir(), "adding-"));
    const args = ["--lag", "4", "--rate", "0.01", "--out", folder, ...small];
    await recallExperiment(ADDING, [...args, "--steps", "20", "--cell", "rnn"]);
    const runs = await recallExperiment(ADDING, [...args, "--steps", "400", "--cell", "lstm"]);
    expect(Object.keys(runs)).toEqual(["rnn", "lstm"]);
    expect(runs.lstm!.loss).toBeLessThan(MEMORYLESS_ERROR / 3);
    const written = JSON.parse(await readFile(join(folder, "adding-4.json"), "utf8"));
    expect(written.runs).toEqual(runs);
    const picture = await readFile(join(folder, "adding-4.svg"), "utf8");
    expect(picture.match(/<polyline/g)).toHaveLength(3);
    expect(picture).toContain("without memory");
    await rm(folder, { recursive: true });
  });

  it("refuses what it does not know", async () => {
    await expect(recallExperiment(COPYING, ["--cell", "elman"])).rejects.toThrow(
      new OptionError("--cell elman: must be one of rnn, lstm-1997, lstm, gru, lstm-chrono"),
    );
    await expect(recallExperiment(COPYING, ["--lag", "1"])).rejects.toThrow("--lag must be an integer of at least 2");
    await expect(recallExperiment(COPYING, ["--rate", "x"])).rejects.toThrow("--rate must be a number above 0, not x");
    await expect(recallExperiment(COPYING, ["--laggard", "1"])).rejects.toThrow("allowed are --lag, --cell");
  });
});

describe("chrono biases", () => {
  it("spread the forget gates over ln 1 … ln (T − 1), input gates their negative", () => {
    const biases: Float32Array[] = [];
    const record = (
      name: string,
      shape: readonly number[],
      first: (r: Random, s: readonly number[]) => Float32Array,
    ) => {
      if (name.endsWith(".b")) biases.push(first(new Random(1), shape));
      return undefined as never;
    };
    memoryCells(100)["lstm-chrono"]!.build({ get: record }, { name: "m", input: 2, hidden: 500 });
    const [input, forget, rest] = [biases[0]!.slice(0, 500), biases[0]!.slice(500, 1000), biases[0]!.slice(1000)];
    expect([...forget].every((b, k) => b === -input[k]!)).toBe(true);
    expect(Math.min(...forget)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...forget)).toBeLessThanOrEqual(Math.log(99));
    expect(forget.reduce((sum, b) => sum + Math.exp(b), 0) / 500).toBeCloseTo(50, -1);
    expect(rest.every((b) => b === 0)).toBe(true);
  });
});
