import { Graph } from "../onnx/graph.js";
import { createSession, float32 } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import { Random } from "../random.js";
import { median } from "./median.js";

export interface GemmRate {
  /** [m, k] × [k, n] */
  readonly shape: readonly [number, number, number];
  /** Median over the runs, 10⁹ floating point operations a second; a multiplication and an addition are two. */
  readonly gflops: number;
}

/** Sizes of the products that recurrent layers and projections make. */
const SHAPES = [
  [128, 512, 2048],
  [1024, 512, 2048],
  [1024, 512, 4096],
  [1024, 1024, 1024],
] as const;

/** The rate of fp32 matrix products in this process: the roof under which a network runs. */
export async function gemmRates({ threads, runs = 15 }: { threads: number; runs?: number }): Promise<GemmRate[]> {
  const rates: GemmRate[] = [];
  for (const shape of SHAPES) rates.push({ shape, gflops: await gemmRate(shape, { threads, runs }) });
  return rates;
}

/** The best of the rates, 10⁹ operations a second. */
export function roofline(rates: readonly GemmRate[]): number {
  return Math.max(...rates.map((r) => r.gflops));
}

async function gemmRate([m, k, n]: GemmRate["shape"], { threads, runs }: { threads: number; runs: number }) {
  const g = new Graph();
  const a = g.input("a", "float32", [m, k]);
  // a stored matrix is packed once, as in a network that runs; an input would be packed at every run
  const b = g.initializer("b", filled(k * n), "float32", [k, n]);
  g.output(g.matmul(a, b), "c");
  const session = await createSession(serialize(g), { threads });
  const feeds = { a: float32(filled(m * k), [m, k]) };
  const fetches = { c: float32(new Float32Array(m * n), [m, n]) };
  const times: number[] = [];
  for (let run = 0; run < runs + 2; run++) {
    const start = performance.now();
    await session.run(feeds, fetches);
    if (run >= 2) times.push(performance.now() - start);
  }
  await session.release();
  return (2 * m * k * n) / median(times) / 1e6;
}

function filled(size: number): Float32Array {
  const random = new Random(size);
  return Float32Array.from({ length: size }, () => random.uniform() - 0.5);
}
