import { randomUUID } from "node:crypto";
import { median } from "../bench/median.js";
import { NEVER, type SearchOptions, type Segment, type SegmentResult } from "../queue/port.js";
import { createEngine, type EngineOptions } from "./create-engine.js";
import type { Engine } from "./engine.js";

/** What is timed: a text, and what is asked of its search. */
export interface BenchText {
  readonly text: string;
  readonly options: SearchOptions;
}

/** One batch. */
export interface DecodeRun {
  readonly seconds: number;
  /** Tokens of each sentence and its best hypothesis, eos included. */
  readonly lengths: readonly { readonly source: number; readonly target: number }[];
}

/** Of seconds and rates the median of the runs. */
export interface DecodeBench {
  readonly batch: number;
  readonly beam: number;
  readonly seconds: number;
  readonly sentencesPerSecond: number;
  /** Tokens of the best hypotheses, eos included, a second. */
  readonly tokensPerSecond: number;
  readonly runs: readonly DecodeRun[];
}

export type BenchEngine = Pick<EngineOptions, "cores" | "device" | "threads" | "intraOpThreads" | "joining" | "steps">;

export interface DecodeBenchOptions extends Rows<DecodeBench> {
  /** Taken in turn: every run goes on where the last one ended. */
  readonly texts: readonly BenchText[];
  readonly runs?: number;
  /** Called after the warm-up and after each run: something to compare with, that sees the same moods of the machine. */
  readonly between?: () => Promise<void>;
}

/** Translates so many sentences at a time: tokenizer, engine, threads and all. */
export function benchDecode(options: DecodeBenchOptions): Promise<DecodeBench[]> {
  return benchEach(options, (engine, row) => benchBatch(engine, { ...options, ...row }));
}

/** What is measured, and whom it is told as soon as it is. */
export interface Rows<Row> extends BenchEngine {
  readonly folder: string;
  readonly batches: readonly number[];
  readonly beams: readonly number[];
  readonly onRow?: (row: Row) => void;
}

/** A row for each size of batch and beam; an engine of its own for each size of batch. */
export async function benchEach<Row>(
  { folder, batches, beams, onRow, ...options }: Rows<Row>,
  measure: (engine: Engine, row: { batch: number; beam: number }) => Promise<Row>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const batch of batches) {
    const engine = await openEngine(folder, { ...options, maxBatchSentences: batch });
    for (const beam of beams) {
      const row = await measure(engine, { batch, beam });
      onRow?.(row);
      rows.push(row);
    }
    await engine.close();
  }
  return rows;
}

/** The engine of one bundle, whose batches only the number of sentences limits. */
export function openEngine(folder: string, options: BenchEngine & { maxBatchSentences: number }): Promise<Engine> {
  return createEngine([folder], { ...options, maxBatchTokens: Number.MAX_SAFE_INTEGER });
}

async function benchBatch(
  engine: Engine,
  {
    texts,
    batch,
    beam,
    runs = 5,
    between,
  }: Omit<DecodeBenchOptions, keyof Rows<DecodeBench>> & { batch: number; beam: number },
): Promise<DecodeBench> {
  const asked = withBeam(texts, beam);
  const timed: DecodeRun[] = [];
  for (let run = 0; run <= runs; run++) {
    const wanted = segmentsOf(engine, asked, { from: run * batch, count: batch });
    const start = performance.now();
    const results = await translate(engine, wanted);
    const seconds = (performance.now() - start) / 1000;
    const lengths = results.map((r) => ({ source: r.sourceTokens, target: r.hypotheses[0]!.tokens.length }));
    if (run > 0) timed.push({ seconds, lengths }); // the first one warms up
    await between?.();
  }
  const seconds = median(timed.map((run) => run.seconds));
  const tokensPerSecond = median(timed.map((run) => targetTokens(run) / run.seconds));
  return { batch, beam, seconds, sentencesPerSecond: batch / seconds, tokensPerSecond, runs: timed };
}

function targetTokens({ lengths }: DecodeRun): number {
  return lengths.reduce((sum, { target }) => sum + target, 0);
}

/** The same texts, searched for with a beam of that size. */
export function withBeam(texts: readonly BenchText[], beamSize: number): BenchText[] {
  return texts.map(({ text, options }) => ({ text, options: { ...options, beamSize } }));
}

/** So many segments of texts that are taken in turn. */
export function segmentsOf(
  engine: Engine,
  texts: readonly BenchText[],
  { from, count }: { from: number; count: number },
): Segment[] {
  return Array.from({ length: count }, (_, k) => segmentOf(engine, texts[(from + k) % texts.length]!));
}

export function segmentOf(engine: Engine, { text, options }: BenchText): Segment {
  const { name: model, version: modelVersion } = engine.models[0]!;
  return {
    id: randomUUID(),
    task: "translate",
    model,
    modelVersion,
    text,
    options,
    priority: "normal",
    deadline: NEVER,
    stream: false,
  };
}

/** @throws Error at the first segment that fails */
export async function translate(engine: Engine, segments: readonly Segment[]): Promise<SegmentResult[]> {
  const results = new Map<string, SegmentResult>();
  await engine.process(
    segments.map((segment) => ({ segment, signal: new AbortController().signal })),
    (event) => {
      if (event.type === "error") throw new Error(event.error.message);
      if (event.type === "result") results.set(event.id, event.result);
    },
  );
  return segments.map(({ id }) => results.get(id)!);
}
