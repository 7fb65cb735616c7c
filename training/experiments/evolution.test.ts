import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MEMORYLESS_ERROR } from "./adding-problem.js";
import { evolutionExperiment } from "./evolution-experiment.js";
import { OptionError } from "./options.js";

const folder = () => mkdtemp(join(tmpdir(), "carousel-evolution-"));
const SMALL = ["--length", "4", "--hidden", "6", "--batch", "32"];

describe("the experiment on evolution strategies", () => {
  it("learns to add without a gradient, and writes results and a picture", async () => {
    const out = await folder();
    const { gru } = await evolutionExperiment([...SMALL, "--cell", "gru", "--generations", "200", "--out", out]);
    expect(gru!.parameters).toBeLessThan(500);
    expect(gru!.loss).toBeLessThan(MEMORYLESS_ERROR / 3);
    expect(gru!.curve).toHaveLength(100);
    for (const [, mean, best] of gru!.curve) expect(best).toBeLessThan(mean);
    const written = JSON.parse(await readFile(join(out, "evolution-4.json"), "utf8"));
    expect(written).toMatchObject({ experiment: "evolution", length: 4, runs: { gru: { generations: 200, seed: 1 } } });
    const svg = await readFile(join(out, "evolution-4.svg"), "utf8");
    expect(svg).toMatch(/^<svg .*data-label="gru".*data-label="without memory"/s);
    expect(svg).toContain(">generation<");
  });

  it("repeats by its seed, and keeps the runs of earlier commands", async () => {
    const out = await folder();
    const run = (...args: string[]) => evolutionExperiment([...SMALL, "--generations", "5", "--out", out, ...args]);
    const first = await run("--cell", "rnn");
    const again = await run("--cell", "rnn");
    const other = await run("--cell", "lstm", "--seed", "2");
    expect(again.rnn!.curve).toEqual(first.rnn!.curve);
    expect(Object.keys(other)).toEqual(["rnn", "lstm"]);
  });

  it("says what is allowed", async () => {
    await expect(evolutionExperiment(["--cell", "ntm"])).rejects.toThrow(OptionError);
    await expect(evolutionExperiment(["--sigma", "0"])).rejects.toThrow("--sigma must be a number above 0, not 0");
    await expect(evolutionExperiment(["--population", "9"])).rejects.toThrow(/allowed are --length/);
  });
});
