import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import type { Batch, Epoch } from "./batch.js";
import { DataError } from "./data-error.js";
import { generationTraining, generationValidation } from "./generation-data.js";
import { describeLeftOut } from "./left-out.js";
import { filterPairs, type ParallelText, readParallel, type TokenPair } from "./parallel.js";
import { readPatterned } from "./patterned.js";
import { resegmentedPairs } from "./segmentation.js";
import { readLines } from "./text.js";
import { filterText } from "./text-filter.js";
import { translationBatch, translationTraining, translationValidation } from "./translation-data.js";

async function files(contents: Record<string, string | Uint8Array>): Promise<(name: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), "carousel-data-"));
  for (const [name, content] of Object.entries(contents)) await writeFile(join(folder, name), content);
  return (name) => join(folder, name);
}

const numbers = (batch: Batch, name: string) =>
  Array.from(batch.feeds[name]!.data as ArrayLike<number | bigint>, Number);
const batches = (epoch: Epoch) => Array.from({ length: epoch.length }, (_, i) => epoch.batch(i));

describe("parallel text", () => {
  it("is read line by line", async () => {
    const at = await files({ "a.ja": "犬\r\n\n猫\n", "a.en": "dog\n\ncat" });
    expect(await readParallel({ source: at("a.ja"), target: at("a.en") })).toEqual({
      source: ["犬", "", "猫"],
      target: ["dog", "", "cat"],
    });
  });

  it("names the file that is missing, misaligned, or not UTF-8", async () => {
    const at = await files({ a: "1\n2\n", b: "1\n", c: Buffer.from([0x61, 10, 0x62, 0xff, 10]), empty: "" });
    await expect(readLines(at("none"))).rejects.toThrow(`no such file: ${at("none")}`);
    await expect(readParallel({ source: at("a"), target: at("b") })).rejects.toThrow(/a has 2 lines but .*b has 1/);
    await expect(readLines(at("c"))).rejects.toThrow(/c is not valid UTF-8 \(line 2\)/);
    await expect(readParallel({ source: at("empty"), target: at("empty") })).rejects.toThrow(/is empty/);
  });

  it("is read from one file by a pattern", async () => {
    const scan = "IN: walk left OUT: I_TURN_LEFT I_WALK\nIN: jump OUT: I_JUMP\n";
    const at = await files({ scan, tsv: "dog\td ɔ g\r\n\tleer\n", turned: "1|eins\n", anki: "Go.\tVa !\tCC-BY\n" });
    expect(await readPatterned(at("anki"), "^([^\\t]*)\\t([^\\t]*)\\t")).toEqual({ source: ["Go."], target: ["Va !"] });
    expect(await readPatterned(at("scan"), "^IN: (.*) OUT: (.*)$")).toEqual({
      source: ["walk left", "jump"],
      target: ["I_TURN_LEFT I_WALK", "I_JUMP"],
    });
    expect(await readPatterned(at("tsv"), "^([^\\t]*)\\t([^\\t]*)$")).toEqual({
      source: ["dog", ""],
      target: ["d ɔ g", "leer"],
    });
    expect(await readPatterned(at("turned"), "^(?<target>.*)[|](?<source>.*)$")).toEqual({
      source: ["eins"],
      target: ["1"],
    });
  });

  it("names the line that does not match the pattern", async () => {
    const at = await files({ tsv: "a\tb\nno tab\n", empty: "" });
    const failed = readPatterned(at("tsv"), "^([^\\t]*)\\t([^\\t]*)$");
    await expect(failed).rejects.toThrow(/tsv, line 2 does not match data.pattern .*: "no tab"/);
    await expect(failed).rejects.toBeInstanceOf(DataError);
    await expect(readPatterned(at("empty"), "(.*) (.*)")).rejects.toThrow(/is empty/);
  });

  it("leaves out pairs by length and ratio", () => {
    const pair = (s: number, t: number) => ({ source: Array(s).fill(5), target: Array(t).fill(5) });
    const { kept, leftOut } = filterPairs([pair(3, 3), pair(0, 2), pair(11, 10), pair(2, 8), pair(2, 6)], {
      maxLength: 10,
      maxRatio: 3,
    });
    expect(kept.map((p) => [p.source.length, p.target.length])).toEqual([
      [3, 3],
      [2, 6],
    ]);
    expect(describeLeftOut(leftOut)).toBe("3 left out: 1 with an empty side, 1 over maxLength, 1 over maxRatio");
  });

  const text: ParallelText = {
    source: ["犬だ。", "犬だ。", "犬だ。", "OK", "12:30", "猫", "", "行く"],
    target: ["A dog.", "A dog.", "The dog.", "OK ", "12:30 pm", "It is a very small cat.", "", "I go"],
  };

  it("is left as it is, unless the recipe asks for more", () => {
    const untouched = { deduplicate: false, filter: { dropIdentical: false, minLetterShare: 0 } };
    expect(filterText(text, untouched)).toEqual({ text, leftOut: new Map() });
    expect(describeLeftOut(new Map(), new Map())).toBe("none left out");
  });

  it("loses what the recipe's filters find, and says how much", () => {
    const filter = { dropIdentical: true, maxCharacterRatio: 5, minLetterShare: 0.5 };
    const { text: kept, leftOut } = filterText(text, { deduplicate: true, filter });
    expect(kept).toEqual({ source: ["犬だ。", "犬だ。", "行く"], target: ["A dog.", "The dog.", "I go"] });
    expect(describeLeftOut(leftOut)).toBe(
      "5 left out: 1 duplicates, 2 with identical sides, 1 under filter.minLetterShare, 1 over filter.maxCharacterRatio",
    );
  });
});

describe("translation batches", () => {
  it("are time-major, padded, with bos before and eos after", () => {
    const batch = translationBatch([
      { source: [10, 11], target: [20] },
      { source: [12], target: [21, 22] },
    ]);
    expect(batch.sizes).toEqual({ B: 2, S: 3, T: 3 });
    expect(batch.targetTokens).toBe(5);
    expect(numbers(batch, "source")).toEqual([10, 12, 11, 3, 3, 0]);
    expect(numbers(batch, "source_mask")).toEqual([1, 1, 1, 1, 1, 0]);
    expect(numbers(batch, "target_in")).toEqual([2, 2, 20, 21, 0, 22]);
    expect(numbers(batch, "target_out")).toEqual([20, 21, 3, 22, 0, 3]);
    expect(numbers(batch, "target_mask")).toEqual([1, 1, 1, 1, 0, 1]);
  });

  const random = new Random(4);
  const pairs: TokenPair[] = Array.from({ length: 400 }, (_, i) => {
    const length = 1 + random.below(30);
    return { source: Array(length).fill(4 + i), target: Array(Math.max(1, length + random.below(5) - 2)).fill(4 + i) };
  });
  const options = { batchTokens: 200, seed: 9 };
  const firstIds = (epoch: Epoch) => batches(epoch).map((b) => numbers(b, "source").slice(0, b.sizes.B));

  it("hold every pair once, within the budget, with little padding", () => {
    const epoch = translationTraining(pairs, options).epoch(0);
    expect(
      firstIds(epoch)
        .flat()
        .toSorted((a, b) => a - b),
    ).toEqual(pairs.map((p) => p.source[0]));
    const made = batches(epoch);
    for (const { sizes } of made) expect(sizes.B * Math.max(sizes.S, sizes.T)).toBeLessThanOrEqual(200);
    const padded = made.reduce((sum, b) => sum + b.sizes.B * b.sizes.T, 0);
    const tokens = made.reduce((sum, b) => sum + b.targetTokens, 0);
    expect(tokens / padded).toBeGreaterThan(0.85);
  });

  it("follow from seed and epoch", () => {
    const data = translationTraining(pairs, options);
    expect(firstIds(data.epoch(1))).toEqual(firstIds(translationTraining(pairs, options).epoch(1)));
    expect(firstIds(data.epoch(1))).not.toEqual(firstIds(data.epoch(0)));
    expect(firstIds(data.epoch(0))).not.toEqual(firstIds(translationTraining(pairs, { ...options, seed: 8 }).epoch(0)));
  });

  it("are of pairs segmented anew every epoch, as seed and epoch say", () => {
    const doubled = (ids: ArrayLike<number>, random: () => number) =>
      Array.from(ids).flatMap((id) => (random() < 0.5 ? [id, id] : [id]));
    const of = (seed: number) => resegmentedPairs(pairs, { seed, source: doubled, target: undefined });
    const first = of(1)(1);
    expect(first.map((p) => p.target)).toEqual(pairs.map((p) => p.target));
    expect(first.map((p) => p.source.length)).not.toEqual(pairs.map((p) => p.source.length));
    expect(of(1)(1)).toEqual(first);
    expect(of(1)(2)).not.toEqual(first);
    expect(of(2)(1)).not.toEqual(first);
    const ofEpoch = of(1);
    const data = translationTraining(ofEpoch, options);
    const sourceTokens = (epoch: number) =>
      batches(data.epoch(epoch)).reduce((sum, b) => sum + numbers(b, "source_mask").reduce((x, y) => x + y, 0), 0);
    for (const epoch of [0, 1, 0]) {
      expect(sourceTokens(epoch)).toBe(ofEpoch(epoch).reduce((sum, p) => sum + p.source.length + 1, 0));
    }
  });

  it("of validation hold every pair once, also one that is longer than a batch", () => {
    const long = { source: Array(300).fill(3), target: Array(300).fill(3) };
    const made = batches(translationValidation([...pairs, long], options));
    expect(made.reduce((sum, b) => sum + b.sizes.B, 0)).toBe(401);
    expect(made.at(-1)!.sizes).toEqual({ B: 1, S: 301, T: 301 });
  });
});

describe("windows of running text", () => {
  const tokens = Int32Array.from({ length: 103 }, (_, i) => 10 + i);

  it("begin with bos and predict each next token", () => {
    const batch = generationValidation(tokens, { windowLength: 4, batchTokens: 8, windows: "random" }).batch(0);
    expect(batch.sizes).toEqual({ B: 2, S: 0, T: 4 });
    expect(numbers(batch, "target_in")).toEqual([2, 2, 10, 14, 11, 15, 12, 16]);
    expect(numbers(batch, "target_out")).toEqual([10, 14, 11, 15, 12, 16, 13, 17]);
  });

  it("of validation cover every token once", () => {
    const made = batches(generationValidation(tokens, { windowLength: 10, batchTokens: 40, windows: "random" }));
    const all = made.flatMap((b) => numbers(b, "target_out")).toSorted((a, b) => a - b);
    expect(all).toEqual(Array.from(tokens));
  });

  it.each(["random", "contiguous", "carried"] as const)("%s: follow from seed and epoch", (windows) => {
    const options = { windowLength: 10, batchTokens: 30, seed: 2, windows };
    const outputs = (epoch: number) =>
      batches(generationTraining(tokens, options).epoch(epoch)).map((b) => numbers(b, "target_out"));
    expect(outputs(0)).toEqual(outputs(0));
    expect(outputs(0)).not.toEqual(outputs(1));
  });

  it("contiguous ones do not overlap", () => {
    const data = generationTraining(tokens, { windowLength: 10, batchTokens: 30, seed: 1, windows: "contiguous" });
    const all = batches(data.epoch(3)).flatMap((b) => numbers(b, "target_out"));
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(90);
  });

  it("carried ones go on, row by row, where the batch before ended", () => {
    const options = { windowLength: 5, batchTokens: 20, seed: 1, windows: "carried" } as const;
    const training = generationTraining(tokens, options);
    for (const made of [0, 1].map((epoch) => batches(training.epoch(epoch)))) {
      expect(made.map((b) => b.sizes)).toEqual(Array(5).fill({ B: 4, S: 0, T: 5 }));
      expect(made.map((b) => b.continues)).toEqual([undefined, true, true, true, true]);
      const column = (name: string, row: number) =>
        made.flatMap((b) => numbers(b, name).filter((_, at) => at % 4 === row));
      for (const row of [0, 1, 2, 3]) {
        const [read, predicted] = [column("target_in", row), column("target_out", row)];
        expect(read).toEqual([2, ...predicted.slice(0, -1)]);
        for (const [t, token] of predicted.entries()) expect(token).toBe(predicted[0]! + t);
      }
      expect(column("target_out", 1)[0]).toBe(column("target_out", 0).at(-1)! + 1);
    }
  });

  it("carried ones of validation cover every token once", () => {
    for (const size of [103, 100, 9, 3]) {
      const text = tokens.subarray(0, size);
      const made = batches(generationValidation(text, { windowLength: 10, batchTokens: 40, windows: "carried" }));
      const predicted = made.flatMap((b) => numbers(b, "target_out").filter((_, at) => numbers(b, "target_mask")[at]));
      expect(predicted.toSorted((a, b) => a - b)).toEqual(Array.from(text));
      expect(made.reduce((sum, b) => sum + b.targetTokens, 0)).toBe(size);
    }
  });

  it("carried ones refuse a text shorter than a batch", () => {
    const options = { windowLength: 30, batchTokens: 120, seed: 1, windows: "carried" } as const;
    expect(() => generationTraining(tokens, options)).toThrow(
      /103 tokens, fewer than the 4 windows of a batch.* of 30/,
    );
  });

  it("refuse a text shorter than one", () => {
    const options = { windowLength: 200, batchTokens: 200, seed: 1, windows: "random" } as const;
    expect(() => generationTraining(tokens, options)).toThrow(/103 tokens, fewer than one window of 200/);
  });
});
