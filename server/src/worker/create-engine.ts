import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { BundleError, decodeLexicon, type Manifest, readBundle, WordFilter } from "@carousel/bundle";
import { Tokenizer } from "@carousel/tokenizer";
import type { Device } from "../device.js";
import { CarouselError } from "../errors.js";
import { coreSplit } from "./core-split.js";
import { Engine } from "./engine.js";
import type { SchedulerOptions } from "./scheduler.js";
import type { ServingModel } from "./serving-model.js";
import { ThreadExecutor } from "./thread-executor.js";

export interface EngineOptions {
  /** Engine threads; each holds all bundles of the engine. Default: coreSplit. */
  readonly threads?: number;
  /** Cores that engine threads share. Default: all there are. */
  readonly cores?: number;
  /** Threads inside one operator of one engine thread. Default: coreSplit. */
  readonly intraOpThreads?: number;
  /** Tokens in a running batch (sentences × beam × longest source). Default 16,384; on a GPU 262,144. */
  readonly maxBatchTokens?: number;
  /** Sentences in a running batch. Default 64; on a GPU 1,024. */
  readonly maxBatchSentences?: number;
  /** Steps of the decoder between which sentences join and leave, by load. */
  readonly steps?: SchedulerOptions["steps"];
  readonly joining?: SchedulerOptions["joining"];
  /** Told how many sentences each run of the decoder has. */
  readonly onRun?: (sentences: number) => void;
  readonly device?: Device;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
}

/**
 * Steps of a run by load. On a GPU every run copies the states there and back and encodes the sources again, which costs a full
 * batch as much as ten or twenty steps (docs/performance.md), and a step takes less than a millisecond.
 */
const STEPS = { cpu: { idle: 6, full: 12 }, cuda: { idle: 12, full: 28 } } as const;

/** A GPU is busy only with many rows; its memory is the limit. */
const LIMITS = {
  cpu: { maxBatchTokens: 16_384, maxBatchSentences: 64 },
  cuda: { maxBatchTokens: 262_144, maxBatchSentences: 1024 },
} as const;

/** Loads bundles into engine threads. @throws BundleError or CarouselError naming what does not load */
export async function createEngine(folders: readonly string[], options: EngineOptions): Promise<Engine> {
  const models = await Promise.all(folders.map(servingModel));
  refuseTwins(models);
  const { device = "cpu" } = options;
  for (const { manifest } of models) refuseMisplaced(manifest, device);
  const { maxBatchTokens, maxBatchSentences } = { ...LIMITS[device], ...options };
  const { threads, intraOpThreads } = coreSplit(options.cores ?? availableParallelism(), { ...options, device });
  const data = { folders, device, threads: intraOpThreads };
  const executors = await Promise.all(Array.from({ length: threads }, () => ThreadExecutor.start(data)));
  return new Engine({
    models,
    executors,
    steps: options.steps ?? STEPS[device],
    ...(options.joining ? { joining: options.joining } : {}),
    ...(options.onRun ? { onRun: options.onRun } : {}),
    maxTokens: maxBatchTokens,
    maxSentences: maxBatchSentences,
    now: options.now ?? Date.now,
  });
}

/** What the engine needs of a bundle besides its graphs. @throws BundleError, TokenizerError */
export async function servingModel(folder: string): Promise<ServingModel> {
  const { manifest, path } = await readBundle(folder);
  const target = await Tokenizer.load(path(manifest.tokenizer.target));
  requirePieces(target, manifest.vocabulary.target, path(manifest.tokenizer.target));
  if (manifest.task === "generation") return { manifest, target };
  const { tokenizer, shortlist, words, vocabulary } = manifest;
  const shared = tokenizer.source === tokenizer.target;
  const source = shared ? target : await Tokenizer.load(path(tokenizer.source));
  requirePieces(source, vocabulary.source, path(tokenizer.source));
  return {
    manifest,
    target,
    source,
    ...(shortlist ? { lexicon: decodeLexicon(await readFile(path(shortlist)), vocabulary) } : {}),
    ...(words ? { words: WordFilter.parse(await readFile(path(words))) } : {}),
  };
}

/** An id that one side has and the other has not would fail all that are in its batch. */
function requirePieces({ size }: Tokenizer, vocabulary: number, file: string): void {
  if (size === vocabulary) return;
  throw new BundleError(`${file} has ${size} pieces; the manifest says that the vocabulary has ${vocabulary}`);
}

/** int8 products are the CPU's; arithmetic in halves is a GPU's. */
function refuseMisplaced({ name, architecture: { precision, arithmetic } }: Manifest, device: Device): void {
  if (device === "cuda" && precision === "int8") {
    throw new CarouselError(
      "FAILED_PRECONDITION",
      `${name} is in int8, which only a CPU computes in: on cuda serve the bundle in floats, or that after carousel quantize --precision fp16`,
    );
  }
  if (device === "cpu" && arithmetic === "fp16") {
    throw new CarouselError(
      "FAILED_PRECONDITION",
      `${name} computes in fp16, which a CPU does not: serve it on --device cuda, or the bundle in floats or int8`,
    );
  }
}

function refuseTwins(models: readonly ServingModel[]): void {
  const names = models.map((m) => m.manifest.name);
  const twin = names.find((name, n) => names.indexOf(name) !== n);
  if (twin) throw new CarouselError("FAILED_PRECONDITION", `two bundles are named ${twin}; names must differ`);
}
