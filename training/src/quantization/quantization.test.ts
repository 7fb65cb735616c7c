import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readBundle } from "@carousel/bundle";
import proto from "onnx-proto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeRandomBundle } from "../bench/random-bundle.js";
import { InferenceModel } from "../export/greedy.js";
import { readGraphs } from "../export/rewrite-bundle.js";
import { storedTensors } from "../export/stored-tensors.js";
import { Graph } from "../onnx/graph.js";
import type { Matrix } from "../onnx/matrix.js";
import { createSession, float32, floats, integers } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import { Random } from "../random.js";
import { readPretrained } from "../trainer/pretrained.js";
import { dequantized } from "./dequantize.js";
import { quantizeBundle } from "./quantize-bundle.js";
import { boundedOutputs, quantizeModel } from "./quantize-model.js";
import { quantizeColumns, WEIGHT_LEVELS } from "./quantized-matrix.js";

const [INPUT, OUTPUT] = [64, 32];
const random = new Random(3);
const normal = (length: number) => Float32Array.from({ length }, () => random.normal());

/** x → x W + b, or tanh(x) W + b. */
function affine(W: Float32Array, { bent }: { bent: 0 | 1 }): Uint8Array {
  const g = new Graph();
  const x = g.input("x", "float32", ["R", INPUT]);
  const weight = g.initializer("W", W, "float32", [INPUT, OUTPUT]);
  const bias = g.initializer("b", new Float32Array(OUTPUT).fill(0.5), "float32", [OUTPUT]);
  g.output(g.add(g.matmul(bent ? g.tanh(x) : x, weight), bias), "y");
  return serialize(g);
}

async function run(model: Uint8Array, rows: Float32Array): Promise<Float32Array> {
  const session = await createSession(model, { threads: 1 });
  const { y } = await session.run({ x: float32(rows, [rows.length / INPUT, INPUT]) });
  await session.release();
  return floats(y!);
}

/** The same in whole numbers of JavaScript, which do not saturate. */
function expected(x: Float32Array, { matrix, scale }: { matrix: Matrix; scale?: number }): number[] {
  const { values, scales } = quantizeColumns(matrix, WEIGHT_LEVELS);
  return Array.from({ length: (x.length / INPUT) * OUTPUT }, (_, at) => {
    const row = x.subarray(Math.floor(at / OUTPUT) * INPUT).subarray(0, INPUT);
    const step = scale ?? Math.max(...row.map(Math.abs)) / 127;
    const sum = row.reduce((s, v, k) => s + Math.round(v / step) * values[k * OUTPUT + (at % OUTPUT)]!, 0);
    return sum * step * scales[at % OUTPUT]! + 0.5;
  });
}

describe("a product in int8", () => {
  const W = normal(INPUT * OUTPUT);
  const matrix = { rows: INPUT, columns: OUTPUT, data: W };

  it("is the sum of whole numbers, each row by its own scale", async () => {
    const x = normal(3 * INPUT).map((v, k) => v * 10 ** Math.floor(k / INPUT));
    const y = await run(quantizeModel(affine(W, { bent: 0 }), new Set()), x);
    expected(x, { matrix }).forEach((value, at) => void expect(y[at]).toBeCloseTo(value, 2));
  });

  it("takes a scale of 1/127 where a row is known to lie within −1…1", async () => {
    const x = normal(2 * INPUT);
    const y = await run(quantizeModel(affine(W, { bent: 1 }), new Set()), x);
    expected(x.map(Math.tanh), { matrix, scale: 1 / 127 }).forEach(
      (value, at) => void expect(y[at]).toBeCloseTo(value, 3),
    );
  });

  it("does not saturate where every number is as large as can be", async () => {
    const large = { rows: INPUT, columns: OUTPUT, data: new Float32Array(INPUT * OUTPUT).fill(1) };
    const x = new Float32Array(INPUT).fill(1);
    const y = await run(quantizeModel(affine(large.data, { bent: 0 }), new Set()), x);
    for (const value of y) expect(value).toBeCloseTo(INPUT + 0.5, 3);
  });

  it("gives a row of zeros, and each row what it gives it alone", async () => {
    const x = normal(7 * INPUT).fill(0, 0, INPUT);
    const model = quantizeModel(affine(W, { bent: 0 }), new Set());
    const together = await run(model, x);
    for (let row = 0; row < 7; row++) {
      const alone = await run(model, x.slice(row * INPUT, (row + 1) * INPUT));
      expect(Array.from(alone)).toEqual(Array.from(together.subarray(row * OUTPUT, (row + 1) * OUTPUT)));
    }
    expect(Array.from(together.subarray(0, OUTPUT))).toEqual(new Array(OUTPUT).fill(0.5));
  });
});

describe("a product with columns that are gathered", () => {
  it.each(["stored turned", "stored upright"])("has those columns of the whole product, %s", async (how) => {
    const W = normal(INPUT * OUTPUT);
    const rows = Float32Array.from(
      { length: INPUT * OUTPUT },
      (_, at) => W[(at % INPUT) * OUTPUT + Math.floor(at / INPUT)]!,
    );
    const build = (wanted: "all" | "some") => {
      const g = new Graph();
      const x = g.tanh(g.input("x", "float32", ["R", INPUT]));
      const turned = g.initializer(
        "W",
        how === "stored turned" ? rows : W,
        "float32",
        how === "stored turned" ? [OUTPUT, INPUT] : [INPUT, OUTPUT],
      );
      const turn = (m: typeof turned) => g.transpose(m, [1, 0]);
      const [asRows, asColumns] = how === "stored turned" ? [turned, turn(turned)] : [turn(turned), turned];
      const bias = g.initializer("b", W.slice(0, OUTPUT), "float32", [OUTPUT]);
      if (wanted === "all") g.output(g.add(g.matmul(x, asColumns), bias), "y");
      else {
        const columns = g.input("columns", "int64", ["C"]);
        g.output(g.add(g.matmul(x, turn(g.gather(asRows, columns))), g.gather(bias, columns)), "y");
      }
      return quantizeModel(serialize(g), new Set());
    };
    const x = normal(5 * INPUT);
    const columns = [3, 3, 7, 8, 20, 31];
    const session = await createSession(build("some"), { threads: 1 });
    const { y } = await session.run({ x: float32(x, [5, INPUT]), columns: integers(columns, [columns.length]) });
    const whole = await run(build("all"), x);
    await session.release();
    floats(y!).forEach((value, at) => {
      const row = Math.floor(at / columns.length);
      expect(value).toBeCloseTo(whole[row * OUTPUT + columns[at % columns.length]!]!, 5);
    });
    expect(storedTensors(build("some")).has("W")).toBe(false);
  });
});

const SIZES = { sourceVocabulary: 40, targetVocabulary: 48, embedding: 16 };

describe("a bundle in int8", () => {
  let work: string;
  let folder: string;
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), "quantize-"));
    folder = join(work, "float");
    await writeRandomBundle({
      folder,
      name: "random",
      config: {
        ...SIZES,
        encoder: { cell: "lstm", layers: 1, hidden: 16, bidirectional: true },
        decoder: { cell: "lstm", layers: 1, hidden: 32 },
        ...{ attention: "general", inputFeeding: true, dropout: 0, tieEmbeddings: true },
      },
    });
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  it("is smaller, says nearly the same, and keeps tokenizers and card", async () => {
    const { before, after, difference } = await quantizeBundle({ folder, out: join(work, "int8") });
    expect(after.architecture).toMatchObject({ precision: "int8", cell: "lstm" });
    expect(after.files["decoder.onnx"]!.bytes).toBeLessThan(0.65 * before.files["decoder.onnx"]!.bytes);
    expect(after.files["source.model"]).toEqual(before.files["source.model"]);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(0.1);
  });

  it("computes in halves instead, if that is asked for: no matrix in fp32, and nearly the same answers", async () => {
    const { after, difference } = await quantizeBundle({ folder, out: join(work, "fp16"), precision: "fp16" });
    expect(after.architecture).toMatchObject({ precision: "fp16", arithmetic: "fp16" });
    expect(difference).toBeLessThan(0.01);
    const { FLOAT } = proto.onnx.TensorProto.DataType;
    for (const file of ["encoder.onnx", "decoder.onnx"]) {
      const { graph } = proto.onnx.ModelProto.decode(await readFile(join(work, "fp16", file)));
      expect(graph!.initializer!.filter((t) => t.dataType === FLOAT && t.dims!.length > 1)).toEqual([]);
      const casts = graph!.node!.filter((n) => n.opType === "Cast").map((n) => n.input![0]!);
      expect(graph!.initializer!.filter((t) => casts.includes(t.name!))).toEqual([]);
    }
    await expect(quantizeBundle({ folder: join(work, "fp16"), out: join(work, "twice") })).rejects.toThrow(
      /fp16 already/,
    );
  });

  it("is refused a second time", async () => {
    await quantizeBundle({ folder, out: join(work, "once") });
    await expect(quantizeBundle({ folder: join(work, "once"), out: join(work, "twice") })).rejects.toThrow(
      /int8 already/,
    );
  });

  it("stores no matrix of floats, none of the loop's either", async () => {
    await quantizeBundle({ folder, out: join(work, "bare") });
    const { encoder, decoder } = await readGraphs(await readBundle(join(work, "bare")));
    for (const graph of [encoder!, decoder]) {
      const matrices = [...storedTensors(graph)].filter(([, { shape }]) => shape.length === 2);
      expect(matrices).toEqual([]);
    }
  });

  it("says which weight is which, each within half a step of what it was", async () => {
    await quantizeBundle({ folder, out: join(work, "named") });
    const [{ weights }, small] = [await readPretrained(folder), await readPretrained(join(work, "named"))];
    expect([...small.weights.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [name, { shape, data }] of small.weights) {
      const before = weights.get(name)!;
      expect(shape, name).toEqual(before.shape);
      const largest = Math.max(...before.data.filter(Number.isFinite).map(Math.abs));
      const halfStep = (0.5001 * largest) / WEIGHT_LEVELS;
      expect(data.every((value, k) => value === before.data[k] || Math.abs(value - before.data[k]!) <= halfStep)).toBe(
        true,
      );
    }
    expect(dequantized(new Map([["constant_q3", { shape: [1], data: Float32Array.of(1) }]])).size).toBe(0);
  });

  it("knows that the states a cell gives lie within −1…1, but not the cell's own", async () => {
    const { encoder, decoder } = await readGraphs(await readBundle(folder));
    expect([...boundedOutputs(encoder!, new Set())].sort()).toEqual(
      expect.arrayContaining(["memory", "state.0.h", "state.readout"]),
    );
    const after = boundedOutputs(decoder, new Set(["memory", "state.0.h", "state.0.c", "state.readout"]));
    expect(after.has("next.state.0.h")).toBe(true);
    expect(after.has("next.state.0.c")).toBe(false);
  });

  it("scores a text alone as beside others", async () => {
    await quantizeBundle({ folder, out: join(work, "alone") });
    const model = await InferenceModel.create(await readGraphs(await readBundle(join(work, "alone"))), { threads: 1 });
    const drawn = (size: number) =>
      Array.from({ length: 12 }, () => [4 + random.below(size - 4), 4 + random.below(size - 4), 3]);
    const [sources, targets] = [drawn(SIZES.sourceVocabulary), drawn(SIZES.targetVocabulary)];
    const together = await model.score(sources, targets, 2);
    for (const [n, score] of together.entries()) {
      const [alone] = await model.score([sources[n]!], [targets[n]!], 2);
      expect(alone).toBeCloseTo(score, 4);
    }
    await model.release();
  });
});

it("quantizes a frozen bundle of format 1, which does not say what its network is", async () => {
  const frozen = fileURLToPath(new URL("../../../tests/fixtures/bundles/v1-tiny-translation", import.meta.url));
  const model = quantizeModel(await readFile(join(frozen, "encoder.onnx")), new Set());
  await (await createSession(model)).release();
});
