import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { readLines } from "../data/text.js";
import { originPath } from "./aligned-file.js";
import { best, closest } from "./choice.js";
import { LineProgress } from "./progress.js";
import { type LineTranslator, type SynthesisOptions, synthesize } from "./synthesize.js";
import { identify, streamLines } from "./text-stream.js";

/** Writes each line's number and its letters backwards; refuses lines of more than ten characters. */
function backwards(options: { stopAfter?: number; identity?: Record<string, unknown> } = {}) {
  const asked: number[] = [];
  const translator: LineTranslator = {
    identity: { model: "backwards", beam: 2, ...options.identity },
    async *translate(lines, onTranslated) {
      for await (const { number, text } of lines) {
        if (asked.length === options.stopAfter) throw new Error("killed");
        asked.push(number);
        onTranslated();
        const turned = [...text].reverse().join("");
        if (text.length > 10) yield { hypotheses: [], problem: "too long" };
        else yield { hypotheses: text.trim() === "" ? [text] : [`${number}\n ${turned}`, `${number} ${text}`] };
      }
    },
  };
  return { translator, asked };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-synthesis-"));
  return () => rm(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const lines = ["abc", "", "dog", " \t", "this is too long", "x", "猫だ"];
const expected = ["0 cba", "", "2 god", "", "", "5 x", "6 だ猫"];
const silent = { write: () => true };
async function run(changes: Partial<SynthesisOptions> & Pick<SynthesisOptions, "translator">) {
  return synthesize({ source: at("in"), output: at("out"), start: "new", progress: silent, ...changes });
}

describe("synthetic text", () => {
  beforeEach(() => writeFile(at("in"), lines.map((line) => `${line}\n`).join("")));

  it("has a line for each line, and says which had no translation", async () => {
    const report = await run(backwards());
    expect(await readFile(at("out"), "utf8")).toBe(`${expected.join("\n")}\n`);
    expect(report).toEqual({ lines: 7, untranslated: 1, problem: "line 5: too long" });
  });

  it("goes on where a run was stopped, behind the last whole line", async () => {
    await expect(run(backwards({ stopAfter: 3 }))).rejects.toThrow("killed");
    expect(await readLines(at("out"))).toEqual(expected.slice(0, 3));
    await appendFile(at("out"), Buffer.from("3 torn é").subarray(0, -1)); // half a character
    const second = backwards();
    await run({ ...second, start: "resume" });
    expect(second.asked).toEqual([3, 4, 5, 6]);
    expect(await readLines(at("out"))).toEqual(expected);
    const third = backwards();
    await run({ ...third, start: "resume" });
    expect(third.asked).toEqual([]);
    expect(await readLines(at("out"))).toEqual(expected);
  });

  it("is written by one process at a time", async () => {
    const others: Promise<unknown>[] = [];
    const occupied = `process ${process.pid} is at work on ${at("out")}`;
    const { translator } = backwards();
    const watched: LineTranslator = {
      ...translator,
      translate(lines, onTranslated) {
        others.push(expect(run({ ...backwards(), start: "resume" })).rejects.toThrow(occupied));
        return translator.translate(lines, onTranslated);
      },
    };
    await run({ translator: watched });
    await Promise.all(others);
    expect(others).toHaveLength(1);
    expect(await readLines(at("out"))).toEqual(expected);
  });

  it("begins anew where there is nothing to resume", async () => {
    await run({ ...backwards(), start: "resume" });
    expect(await readLines(at("out"))).toEqual(expected);
  });

  it("neither overwrites what is there nor goes on with what something else made", async () => {
    await run(backwards());
    await expect(run(backwards())).rejects.toThrow(/out is there already: --resume goes on with it/);
    await truncate(at("out"), 6);
    const resume = (changes: Partial<SynthesisOptions>) => run({ ...backwards(), start: "resume", ...changes });
    await expect(resume(backwards({ identity: { beam: 3 } }))).rejects.toThrow("it was made with beam 2, not 3");
    const choice = closest("13a");
    await expect(resume({ closestTo: { reference: at("in"), choice } })).rejects.toThrow(
      "made with reference none, not {",
    );
    await appendFile(at("in"), "more\n");
    await expect(resume({})).rejects.toThrow(/it was made with source \{"lines":7/);
    await rm(originPath(at("out")));
    await expect(resume({})).rejects.toThrow(/origin.json, which says what it is, cannot be read/);
    expect(await readFile(at("out"), "utf8")).toBe("0 cba\n");
  });

  it("takes the hypothesis closest to the reference of its line, also when resumed", async () => {
    await writeFile(at("reference"), ["0 abc", "", "2 god", "", "", "5 x", "6 猫だ"].join("\n"));
    const closestTo = { reference: at("reference"), choice: closest("char") };
    await expect(run({ ...backwards({ stopAfter: 4 }), closestTo })).rejects.toThrow("killed");
    await run({ ...backwards(), closestTo, start: "resume" });
    expect(await readLines(at("out"))).toEqual(["0 abc", "", "2 god", "", "", "5 x", "6 猫だ"]);
  });

  it("names what is wrong before it writes anything", async () => {
    await writeFile(at("short"), "one\n");
    const closestTo = { reference: at("short"), choice: closest("13a") };
    await expect(run({ ...backwards(), closestTo })).rejects.toThrow(/in has 7 lines but .*short has 1/);
    await expect(run({ ...backwards(), source: at("none") })).rejects.toThrow(`no such file: ${at("none")}`);
    await writeFile(at("latin"), Buffer.from([0x61, 10, 0xe9, 10]));
    await expect(run({ ...backwards(), source: at("latin") })).rejects.toThrow(/latin is not valid UTF-8 \(line 2\)/);
    await writeFile(at("empty"), "");
    await expect(run({ ...backwards(), source: at("empty") })).rejects.toThrow("is empty");
    await expect(run({ ...backwards(), output: at("no/where") })).rejects.toThrow("there is no such folder");
    await expect(readFile(at("out"))).rejects.toThrow("ENOENT");
  });
});

describe("a streamed text", () => {
  it.each([
    "a\nb\n",
    "a\r\n\nb",
    "\n\n",
    "\uFEFFfirst\n\uFEFFsecond\n",
    "猫".repeat(50_000).concat("\n", "x".repeat(100_000), "\n", "é\n".repeat(1000)),
  ])("has the lines that a text read whole has (%#)", async (text) => {
    await writeFile(at("text"), text);
    const streamed: string[] = [];
    for await (const line of streamLines(at("text"))) streamed.push(line);
    expect(streamed).toEqual(await readLines(at("text")));
    expect((await identify(at("text"))).lines).toBe(streamed.length);
  });
});

describe("the choice among hypotheses", () => {
  it("is the first, or the closest to the reference; the first of equals", () => {
    expect(best(["a b", "c d"], "c d")).toBe("a b");
    expect(best([], "c d")).toBe("");
    const choose = closest("13a");
    expect(choose(["a dog sat", "the cat sits on it", "the cat sat"], "the cat sat down")).toBe("the cat sat");
    expect(choose(["x y", "y x"], "a b c")).toBe("x y");
    expect(choose([], "a")).toBe("");
  });
});

it("progress gives lines, rate, and time left", () => {
  let text = "";
  let now = 0;
  const output = { write: (more: string) => (text += more) };
  const progress = new LineProgress({ output, total: 1000, before: 500, now: () => now });
  for (let k = 0; k < 100; k++) {
    now += 200;
    progress.count();
  }
  expect(text).toBe("575/1000 lines (57 %)  5.0 lines/s  01:25 left\n");
  progress.end();
  expect(text.split("\n")[1]).toBe("600/1000 lines (60 %)  5.0 lines/s  01:20 left");
});
