import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Graph } from "../onnx/graph.js";
import { createSession, float32, floats, integers, tensor } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import { BLANK, ctc, framesNeeded } from "./ctc.js";

interface Case {
  readonly name: string;
  readonly vocabulary: number;
  /** By sequence. */
  readonly frames: readonly number[];
  readonly targets: readonly (readonly number[])[];
  readonly losses: readonly number[];
  readonly impossible: readonly boolean[];
  /** [frames, batch, V] */
  readonly logits: readonly number[];
  /** Of Σ (1 + b) · loss of sequence b. */
  readonly gradients: readonly number[];
}

// made by tests/oracles/ctc.py
const path = new URL("../../../tests/fixtures/ctc.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: Case[] };

/** Losses, gradients and impossible sequences by the graph. What lies beyond a target's length is filled with `beyond`. */
async function run({ vocabulary, frames, targets, logits }: Case, beyond: number) {
  const g = new Graph();
  const inputs = {
    logits: g.input("logits", "float32", ["T", "B", vocabulary]),
    alive: g.input("alive", "bool", ["T", "B", 1]),
    targets: g.input("targets", "int64", ["L", "B"]),
    targetLengths: g.input("lengths", "int64", ["B"]),
  };
  const { nll, impossible, gradient } = ctc(g, inputs);
  const weighted = g.sumAll(g.mul(nll, g.input("weights", "float32", ["B"])));
  g.output(nll, "nll");
  g.output(g.cast(impossible, "int64"), "impossible");
  g.output(gradient(new Map([[weighted, g.float(1)]])), "gradient");
  const session = await createSession(serialize(g), { threads: 1 });
  const [T, B, L] = [Math.max(...frames), frames.length, Math.max(1, ...targets.map((t) => t.length))];
  const at = <X>(steps: number, f: (t: number, b: number) => X) =>
    Array.from({ length: steps * B }, (_, k) => f(Math.floor(k / B), k % B));
  const outputs = await session.run({
    logits: float32(Float32Array.from(logits), [T, B, vocabulary]),
    alive: tensor("bool", Uint8Array.from(at(T, (t, b) => (t < frames[b]! ? 1 : 0))), [T, B, 1]),
    targets: integers(
      at(L, (t, b) => targets[b]![t] ?? beyond),
      [L, B],
    ),
    lengths: integers(
      targets.map((t) => t.length),
      [B],
    ),
    weights: float32(
      Float32Array.from(frames, (_, b) => 1 + b),
      [B],
    ),
  });
  await session.release();
  return {
    losses: [...floats(outputs.nll!)],
    gradients: [...floats(outputs.gradient!)],
    impossible: [...(outputs.impossible!.data as BigInt64Array)].map((x) => x === 1n),
  };
}

/** Largest difference, relative to numbers above 1. */
function difference(ours: readonly number[], theirs: readonly number[]): number {
  expect(ours.length).toBe(theirs.length);
  return Math.max(...ours.map((x, k) => Math.abs(x - theirs[k]!) / Math.max(1, Math.abs(theirs[k]!))));
}

describe("connectionist temporal classification, as torch.nn.CTCLoss", () => {
  it.each(cases)("$name", async (oracle) => {
    for (const beyond of [BLANK, 3]) {
      const ours = await run(oracle, beyond);
      expect(difference(ours.losses, oracle.losses)).toBeLessThan(1e-4);
      expect(difference(ours.gradients, oracle.gradients)).toBeLessThan(1e-4);
      expect(ours.impossible).toEqual(oracle.impossible);
    }
  });

  it("knows how many frames a target needs", () => {
    const seen = { possible: 0, impossible: 0 };
    for (const { frames, targets, impossible } of cases) {
      targets.forEach((target, b) => {
        expect(framesNeeded(target) > frames[b]!).toBe(impossible[b]);
        seen[impossible[b] ? "impossible" : "possible"]++;
      });
    }
    expect(Math.min(seen.possible, seen.impossible)).toBeGreaterThan(5);
  });
});
