import { Graph } from "../onnx/graph.js";
import { createSession, type Feeds, type Fetches, float32, type Session } from "../onnx/runtime.js";
import { serialize } from "../onnx/serialize.js";
import { Random } from "../random.js";

export interface GemmRate {
  /** [m, k] × [k, n] */
  readonly shape: readonly [number, number, number];
  /** In the best run: 10⁹ floating point operations a second; a multiplication and an addition are two. */
  readonly gflops: number;
}

/** Sizes of the products that recurrent layers and projections make. */
const SHAPES = [
  [128, 512, 2048],
  [1024, 512, 2048],
  [1024, 512, 4096],
  [1024, 1024, 1024],
] as const;

const RUNS = 4;

/** The rate of fp32 matrix products in this process: the roof under which a network runs. */
export async function gemmRates({ threads, runs = 5 }: { threads: number; runs?: number }): Promise<GemmRate[]> {
  const gemms = await Gemms.create({ threads });
  for (let run = 0; run < runs; run++) await gemms.run();
  return gemms.release();
}

/** Matrix products that are timed in turn with something else, so that both see the same moods of the machine. */
export class Gemms {
  static async create({ threads }: { threads: number }): Promise<Gemms> {
    const gemms = new Gemms(await Promise.all(SHAPES.map((shape) => Gemm.create(shape, threads))));
    for (let warmup = 0; warmup < 2; warmup++) for (const gemm of gemms.all) await gemm.run();
    return gemms;
  }

  private constructor(private readonly all: readonly Gemm[]) {}

  /**
   * Times each product a few times: the first finds the caches full of something else.
   * @returns the best rate among them, 10⁹ operations a second
   */
  async run(): Promise<number> {
    let best = 0;
    for (const gemm of this.all) {
      const times: number[] = [];
      for (let n = 0; n < RUNS; n++) times.push(await gemm.run());
      gemm.times.push(...times);
      best = Math.max(best, gemm.rate(times));
    }
    return best;
  }

  /** Frees the sessions; the best rates. */
  async release(): Promise<GemmRate[]> {
    for (const gemm of this.all) await gemm.release();
    return this.all.map((gemm) => ({ shape: gemm.shape, gflops: gemm.rate(gemm.times) }));
  }
}

/** The best of the rates, 10⁹ operations a second. */
export function roofline(rates: readonly GemmRate[]): number {
  return Math.max(...rates.map((r) => r.gflops));
}

class Gemm {
  readonly times: number[] = [];

  static async create(shape: GemmRate["shape"], threads: number): Promise<Gemm> {
    const [m, k, n] = shape;
    const g = new Graph();
    const a = g.input("a", "float32", [m, k]);
    // a stored matrix is packed once, as in a network that runs; an input would be packed at every run
    const b = g.initializer("b", filled(k * n), "float32", [k, n]);
    g.output(g.matmul(a, b), "c");
    // threads that spin after a product would take the cores from what is timed next
    return new Gemm(shape, await createSession(serialize(g), { threads, waiting: "asleep" }));
  }

  private readonly feeds: Feeds;
  private readonly fetches: Fetches;

  private constructor(
    readonly shape: GemmRate["shape"],
    private readonly session: Session,
  ) {
    const [m, k, n] = shape;
    this.feeds = { a: float32(filled(m * k), [m, k]) };
    this.fetches = { c: float32(new Float32Array(m * n), [m, n]) };
  }

  /** Milliseconds. */
  async run(): Promise<number> {
    const start = performance.now();
    await this.session.run(this.feeds, this.fetches);
    return performance.now() - start;
  }

  /** 10⁹ operations a second in the shortest of the times. */
  rate(times: readonly number[]): number {
    return (2 * this.shape.reduce((a, b) => a * b)) / Math.min(...times) / 1e6;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function filled(size: number): Float32Array {
  const random = new Random(size);
  return Float32Array.from({ length: size }, () => random.uniform() - 0.5);
}
