import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrainedWeights } from "@carousel/training/models/train-graph";
import { Graph } from "@carousel/training/onnx/graph";
import { floats } from "@carousel/training/onnx/runtime";
import { Random } from "@carousel/training/random";
import { describe, expect, it } from "vitest";
import { GLYPH, GLYPHS } from "./digit-glyphs.js";
import { bounced, digitsFilm } from "./digits-film.js";
import { movingDigits } from "./moving-digits-experiment.js";
import { type NextFrameOptions, nextFrame } from "./next-frame.js";

/** Upper left corner of the ink of a frame, and the ink itself from there on. */
function corner(frame: Float32Array, size: number) {
  const inked = [...frame].flatMap((v, k) => (v > 0 ? [{ x: k % size, y: Math.floor(k / size) }] : []));
  const left = Math.min(...inked.map((p) => p.x));
  const top = Math.min(...inked.map((p) => p.y));
  return { left, top, ink: inked.map((p) => `${p.x - left},${p.y - top}`).join(" ") };
}

describe("films of moving digits", () => {
  it("have glyphs of one size that differ from each other", () => {
    expect(GLYPHS).toHaveLength(10);
    for (const rows of GLYPHS) {
      expect(rows).toHaveLength(GLYPH.height);
      for (const row of rows) expect(row).toHaveLength(GLYPH.width);
    }
    expect(new Set(GLYPHS.map(String)).size).toBe(10);
  });

  it("bounce at both ends", () => {
    expect(bounced(5, 2, 9)).toEqual({ at: 7, by: 2 });
    expect(bounced(1, -2, 9)).toEqual({ at: 1, by: 2 });
    expect(bounced(8, 2, 9)).toEqual({ at: 8, by: -2 });
    expect(bounced(7, 2, 9)).toEqual({ at: 9, by: 2 });
  });

  it("keep the digit whole while it moves by one or two pixels each way", () => {
    const [size, frames] = [16, 12];
    const random = new Random(7);
    for (let k = 0; k < 30; k++) {
      const film = digitsFilm(random, { size, frames, digits: 1 });
      const seen = Array.from({ length: frames }, (_, t) =>
        corner(film.subarray(t * size * size, (t + 1) * size * size), size),
      );
      expect(new Set(seen.map((s) => s.ink)).size).toBe(1);
      seen.slice(1).forEach((now, t) => {
        for (const moved of [now.left - seen[t]!.left, now.top - seen[t]!.top])
          expect(Math.abs(moved)).toBeLessThanOrEqual(2);
      });
      expect(new Set(seen.map((s) => `${s.left},${s.top}`)).size).toBeGreaterThan(1);
    }
  });

  it("are fed so that what is to be said is the frame after the one seen", () => {
    const film = { size: 9, frames: 4, digits: 2 };
    const task = nextFrame({ film, batch: 3, sees: "flat", hidden: 2, layers: 1 });
    const { seen, next } = task.draw(new Random(1));
    const random = new Random(1);
    for (let b = 0; b < 3; b++) {
      const pixels = digitsFilm(random, film);
      for (let t = 0; t < 3; t++) {
        const at = (t * 3 + b) * 81;
        expect(floats(seen!).subarray(at, at + 81)).toEqual(pixels.subarray(t * 81, (t + 1) * 81));
        expect(floats(next!).subarray(at, at + 81)).toEqual(pixels.subarray((t + 1) * 81, (t + 2) * 81));
      }
    }
  });

  it("are learned at the size of a toy by all three networks, which are drawn below the truth", async () => {
    const folder = await mkdtemp(join(tmpdir(), "moving-"));
    const args = ["--size", "8", "--frames", "4", "--digits", "1", "--channels", "8", "--wide", "16"];
    const runs = await movingDigits([...args, "--steps", "100", "--batch", "4", "--rate", "0.01", "--out", folder]);
    expect(Object.keys(runs)).toHaveLength(3);
    for (const { curve, loss } of Object.values(runs)) {
      expect(loss).toBeLessThan(0.8 * curve[0]![1]);
    }
    const [conv, plain] = [runs["conv-lstm-peephole"]!, runs["lstm, as many weights"]!];
    expect(plain.parameters).toBeLessThanOrEqual(conv.parameters);
    expect(plain.parameters).toBeGreaterThan(0.7 * conv.parameters);
    expect(conv.parameters).toBe(weightsOf({ sees: "maps", hidden: 8, layers: 2 }));
    expect(JSON.parse(await readFile(join(folder, "moving-digits.json"), "utf8")).runs).toEqual(runs);
    expect((await readFile(join(folder, "moving-digits.svg"), "utf8")).match(/<rect width="8"/g)).toHaveLength(4 * 3);
    await rm(folder, { recursive: true });
  });
});

function weightsOf(model: Pick<NextFrameOptions, "sees" | "hidden" | "layers">): number {
  const g = new Graph();
  const w = new TrainedWeights(g);
  nextFrame({ film: { size: 8, frames: 4, digits: 1 }, batch: 4, ...model }).build(g, w);
  return w.specs.reduce((sum, s) => sum + s.shape.reduce((a, b) => a * b, 1), 0);
}
