import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { readBundle } from "@carousel/bundle";
import { benchDecode, type DecodeBench, type DecodeRun, withBeam } from "@carousel/server/worker/bench";
import { benchArrivals } from "@carousel/server/worker/bench-arrivals";
import { benchFull, type FullBench } from "@carousel/server/worker/bench-full";
import { type Device, decodeOperationsOf, Gemms, median, roofline, SHAPES } from "@carousel/training";
import { Command, Option } from "commander";
import { type Subject, type SubjectOptions, withSubject } from "../bench-subject.js";
import { InputError } from "../input-error.js";
import { deviceOption, integer, integers } from "../options.js";
import { benchPrecisions, listRandomBundle, type PrecisionRow, variantsOf } from "../precisions.js";
import { write, writeJson } from "../streams.js";

interface Options extends SubjectOptions {
  readonly measure: keyof typeof MEASURES;
  readonly batch: readonly number[];
  readonly beam: readonly number[];
  readonly threads: number;
  readonly engineThreads?: number;
  readonly device: Device;
  readonly steps?: number;
  readonly runs: number;
  readonly p99: number;
  readonly seconds: number;
  readonly json?: true;
}

interface Measured {
  readonly document: object;
  readonly lines: readonly string[];
}

const MEASURES = { table, full, splits, arrivals, precisions } as const;

export function benchDecodeCommand(): Command {
  return new Command("decode")
    .description("translation by a bundle: tokens/s by batch and beam, against the roofline of the same process")
    .option("--model <name or folder>", "the bundle", "tatoeba-ja-en")
    .addOption(new Option("--shape <name>", "a network of random weights instead").choices(Object.keys(SHAPES)))
    .addOption(
      new Option("--precision <p>", "of its arithmetic, with --shape; fp16 is for cuda").choices(["fp32", "fp16"]),
    )
    .option("--bundle <folder>", "where it is kept, with --shape; written if it is not there yet")
    .option("--source <file>", "sentences to translate, one a line")
    .option("--length <n>", "tokens on either side, with --shape", integer(2, 256), 25)
    .addOption(
      new Option(
        "--measure <what>",
        "table: by batch and beam; full: continuous batches that are always full; splits: of the cores between engine threads; arrivals: continuous batches against such as nobody joins, and nobody leaves; precisions: floats, int8, int8 with a shortlist",
      )
        .choices(Object.keys(MEASURES))
        .default("table"),
    )
    .option("--batch <n,…>", "sentences at once", integers(1, 65536), [1, 16, 64, 256])
    .option("--beam <n,…>", "beam sizes", integers(1, 16), [1, 4])
    .option("--threads <n>", "cores to use", integer(1, 1024), availableParallelism())
    .option("--engine-threads <n>", "engine threads that share the cores", integer(1, 1024))
    .addOption(deviceOption("where the decoder runs"))
    .option("--steps <n>", "steps of one run of the decoder, whatever the load", integer(1, 1024))
    .option("--runs <n>", "timed runs; their median counts", integer(1, 1000), 5)
    .option("--p99 <ms>", "latency that 99 of 100 arrivals must keep to", integer(1), 250)
    .option("--seconds <n>", "of one trial, with full and arrivals", integer(1), 4)
    .option("--json", "print JSON")
    .action(async (options: Options) => {
      refuseMismatched(options);
      const { document, lines } = await withSubject(options, (subject) => MEASURES[options.measure](subject, options));
      await (options.json ? writeJson(document) : write(`${lines.join("\n")}\n`));
    });
}

function refuseMismatched({ shape, bundle, precision, device }: Options): void {
  if (!shape && (bundle ?? precision)) {
    throw new InputError(
      "--bundle and --precision are of a --shape; carousel quantize gives a bundle another precision",
    );
  }
  if (precision === "fp16" && device === "cpu") {
    throw new InputError("--precision fp16 needs --device cuda: a CPU computes in fp32 or, quantized, in int8");
  }
}

/** Tokens/s of each batch and beam, and the share of the roofline that the network's own products make. */
async function table(subject: Subject, options: Options): Promise<Measured> {
  const { manifest } = await readBundle(subject.folder);
  const operationsOf = decodeOperationsOf(manifest);
  // the roofline is the CPU's
  const gemms = options.device === "cpu" ? await Gemms.create({ threads: options.threads }) : undefined;
  const roofs: number[] = [];
  const measured = await benchDecode({
    ...subject,
    ...engineOf(options),
    batches: options.batch,
    beams: options.beam,
    runs: options.runs,
    onRow: (row) => process.stderr.write(`${lineOf(row)}\n`),
    ...(gemms ? { between: async () => void roofs.push(await gemms.run()) } : {}),
  });
  const gemm = await gemms?.release();
  const rows = measured.map(({ runs, ...row }) => {
    const [, ...after] = roofs.splice(0, runs.length + 1);
    const gflops = runs.map(({ lengths, seconds }) => {
      const operations = lengths.reduce((sum, l) => sum + operationsOf({ ...l, beam: row.beam }), 0);
      return operations / seconds / 1e9;
    });
    return {
      ...row,
      best: Math.min(...runs.map(({ seconds }) => seconds)),
      meanLength: meanOf(runs.flatMap(({ lengths }) => lengths)),
      gflops: median(gflops),
      // each run is compared with the products that were timed right after it
      ...(gemm ? { fractionOfRoofline: median(gflops.map((rate, k) => rate / after[k]!)) } : {}),
    };
  });
  const lines = rows.map((r) =>
    r.fractionOfRoofline === undefined
      ? lineOf(r)
      : `${lineOf(r)}, ${(100 * r.fractionOfRoofline).toFixed(1)} % of the roofline`,
  );
  const { name, architecture } = manifest;
  return {
    document: {
      ...facts(options),
      model: name,
      precision: architecture.precision,
      ...(architecture.arithmetic ? { arithmetic: architecture.arithmetic } : {}),
      rows,
      ...(gemm ? { gemm, roofline: roofline(gemm) } : {}),
    },
    lines: [...lines, ...(gemm ? [`roofline ${roofline(gemm).toFixed(1)} GFLOP/s`] : [])],
  };
}

function lineOf({ batch, beam, tokensPerSecond, seconds }: Omit<DecodeBench, "runs">): string {
  return `batch ${batch} beam ${beam}: ${tokensPerSecond.toFixed(0)} tokens/s, ${(1000 * seconds).toFixed(1)} ms`;
}

/** Sentences/s of an engine that always has more to do, and the processor time that one takes. */
async function full({ folder, mixed: texts }: Subject, options: Options): Promise<Measured> {
  const lineOfRow = ({ batch, beam, sentencesPerSecond, tokensPerSecond, cpuMs }: FullBench) =>
    `batch ${batch} beam ${beam}: ${sentencesPerSecond.toFixed(0)} sentences/s, ${tokensPerSecond.toFixed(0)} tokens/s, ${cpuMs.toFixed(2)} ms of processor a sentence`;
  const rows = await benchFull({
    folder,
    texts,
    ...engineOf(options),
    batches: options.batch,
    beams: options.beam,
    seconds: options.seconds,
    onRow: (row) => process.stderr.write(`${lineOfRow(row)}\n`),
  });
  return { document: { ...facts(options), rows }, lines: rows.map(lineOfRow) };
}

/** Tokens/s of every split of the cores into engine threads of equal size, and of fewer cores. */
async function splits(subject: Subject, options: Options): Promise<Measured> {
  const cores = options.threads;
  const counts = Array.from({ length: cores }, (_, n) => n + 1);
  const shared = counts
    .filter((engines) => cores % engines === 0)
    .map((engines) => ({ engines, intraOp: cores / engines }));
  const single = counts.slice(0, -1).map((engines) => ({ engines, intraOp: 1 }));
  const rows: (DecodeBench & { engineThreads: number; intraOpThreads: number })[] = [];
  for (const { engines, intraOp } of [...single, ...shared]) {
    const engine = { device: options.device, threads: engines, intraOpThreads: intraOp };
    const { batch: batches, beam: beams, runs } = options;
    for (const row of await benchDecode({ ...subject, ...engine, batches, beams, runs })) {
      rows.push({ ...row, engineThreads: engines, intraOpThreads: intraOp });
    }
  }
  const lines = rows.map((r) => `${r.engineThreads} engine threads × ${r.intraOpThreads}: ${lineOf(r)}`);
  return { document: { ...facts(options), rows: rows.map(({ runs: _, ...row }) => row) }, lines };
}

/** Tokens/s in floats, in int8 and in int8 with a shortlist, and how many times those of floats. */
async function precisions({ folder, texts }: Subject, options: Options): Promise<Measured> {
  const { batch: batches, beam: beams, runs, model, shape } = options;
  const work = await mkdtemp(join(tmpdir(), "carousel-bench-"));
  const lineOfPrecision = (row: PrecisionRow) => `${row.variant}, ${lineOf(row)}: ${row.timesFp32.toFixed(2)} ×`;
  try {
    const float = shape ? join(work, "listed") : folder;
    if (shape) await listRandomBundle(folder, { out: float });
    const onRow = (row: PrecisionRow) => void process.stderr.write(`${lineOfPrecision(row)}\n`);
    const bench = { ...engineOf(options), texts, batches, beams, runs, onRow };
    const rows = await benchPrecisions(await variantsOf(float, { work, model }), bench);
    return { document: { ...facts(options), rows }, lines: rows.map(lineOfPrecision) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Arrivals borne a second within a latency, by continuous batches and by such as all join at once. */
async function arrivals({ folder, mixed: texts }: Subject, options: Options): Promise<Measured> {
  const { p99, seconds, beam, batch } = options;
  const maxBatchSentences = batch.at(-1)!;
  const rows = [];
  for (const joining of ["continuous", "leaving", "static"] as const) {
    const found = await benchArrivals({
      folder,
      texts: withBeam(texts, beam[0]!),
      ...engineOf(options),
      joining,
      maxBatchSentences,
      p99,
      seconds,
    });
    rows.push({ joining, ...found });
  }
  const [continuous, ...others] = rows;
  const ratios = others.map(({ joining, sentencesPerSecond }) => ({
    to: joining,
    ratio: continuous!.sentencesPerSecond / sentencesPerSecond,
  }));
  const lines = rows.map(
    (r) =>
      `${r.joining}: ${r.sentencesPerSecond.toFixed(0)} sentences/s, p50 ${r.latency.p50.toFixed(0)} ms, p99 ${r.latency.p99.toFixed(0)} ms`,
  );
  return {
    document: { ...facts(options), beam: beam[0], maxBatchSentences, p99, rows, ratios },
    lines: [...lines, ...ratios.map(({ to, ratio }) => `continuous ÷ ${to}: ${ratio.toFixed(2)}`)],
  };
}

function engineOf({ device, threads, engineThreads, steps }: Options) {
  return {
    device,
    cores: threads,
    ...(engineThreads ? { threads: engineThreads } : {}),
    ...(steps ? { steps: { idle: steps, full: steps } } : {}),
  };
}

function facts({ shape, device, threads, length }: Options) {
  return { ...(shape ? { shape, length } : {}), device, threads };
}

function meanOf(lengths: DecodeRun["lengths"]) {
  const mean = (side: "source" | "target") => lengths.reduce((sum, l) => sum + l[side], 0) / lengths.length;
  return { source: mean("source"), target: mean("target") };
}
