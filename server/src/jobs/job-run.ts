import { setMaxListeners } from "node:events";
import { CarouselError } from "../errors.js";
import type { ChunkBudget } from "./chunk-budget.js";
import type { Unit, UnitResult } from "./formats/unit.js";
import {
  type ChunkSizes,
  type FinishedChunk,
  isSettled,
  type JobSettings,
  type JobState,
  type Progress,
} from "./job.js";
import type { JobFiles } from "./job-files.js";
import { PaceMeter } from "./pace-meter.js";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** A unit that has so often not been translated by its deadline, though there are workers, will not be. */
const MOST_EXPIRIES = 3;

/** A unit that is worth another try: neither it nor its options are at fault. */
export interface Postponed {
  readonly postponed: CarouselError;
}

/** Translates units, each to a text, an error, or to be asked again. Never rejects. */
export type TranslateUnits = (
  units: readonly Unit[],
  settings: Pick<JobSettings, "id" | "model" | "options" | "share"> & { signal: AbortSignal },
) => Promise<(UnitResult | Postponed)[]>;

export interface Means {
  readonly files: JobFiles;
  readonly translate: TranslateUnits;
  readonly budget: ChunkBudget;
  /** Writes the translated document where the job wants it. */
  readonly publish: (job: JobSettings) => Promise<void>;
  readonly onChange: () => void;
  /** Something has failed and is tried again. */
  readonly onTrouble: (problem: string) => void;
}

/** Works on a job from now on, until it is done or stopped. */
export class JobRun {
  /** Resolves when the job is done or the work stopped; never rejects. */
  readonly done: Promise<void>;
  private readonly controller = new AbortController();
  private readonly pace = new PaceMeter();
  private counts: { completed: number; failed: number; charactersCompleted: number } | undefined;
  private problem: string | undefined;

  constructor(
    private readonly job: JobSettings,
    readonly attempt: number,
    private readonly means: Means,
  ) {
    setMaxListeners(0, this.controller.signal); // every chunk on its way listens
    this.done = this.work().catch(() => {}); // nothing but a stop ends untilItWorks
  }

  /** undefined until what was done before has been counted. */
  get progress(): Progress | undefined {
    const { counts, problem } = this;
    if (!counts) return undefined;
    const { units: rate, characters } = this.pace.rate;
    const secondsLeft = characters > 0 ? (this.job.characters - counts.charactersCompleted) / characters : undefined;
    return {
      ...counts,
      ...(rate > 0 ? { rate } : {}),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async stop(): Promise<void> {
    this.controller.abort();
    await this.done;
  }

  private async work(): Promise<void> {
    const { id } = this.job;
    const { files, budget } = this.means;
    const [sizes, finished] = await this.untilItWorks(() => Promise.all([files.sizes(id), files.finished(id)]));
    this.counts = countsOf(sizes, finished, this.attempt);
    const onTheirWay = new Set<Promise<void>>();
    for (let k = 0; k < sizes.units.length; k++) {
      const before = finished.get(k);
      if (before && isSettled(before, this.attempt)) continue;
      if (!(await budget.enter(this.controller.signal))) break;
      const startedMs = Date.now();
      const chunk = this.chunk(k, { before, units: sizes.units[k]!, characters: sizes.characters[k]! })
        .catch(() => {})
        .finally(() => {
          onTheirWay.delete(chunk);
          budget.leave(Date.now() - startedMs);
        });
      onTheirWay.add(chunk);
    }
    await Promise.all(onTheirWay);
    await this.untilItWorks(() => this.end());
    this.means.onChange();
  }

  /** As what it was last said to be: paused or cancelled elsewhere, it stays so. */
  private async end(): Promise<void> {
    const { files, publish } = this.means;
    const now = await files.state(this.job.id);
    if (now?.state !== "running" || now.attempt !== this.attempt) return;
    await publish(this.job);
    await files.writeState(this.job.id, { ...now, state: "done", endedMs: Date.now() } satisfies JobState);
  }

  private async chunk(
    chunk: number,
    { before, ...size }: { before: FinishedChunk | undefined; units: number; characters: number },
  ): Promise<void> {
    const { job, attempt, means } = this;
    const earlier = before && (await this.untilItWorks(() => means.files.results(job.id, before)));
    const results = await this.translated(chunk, { size: size.units, earlier: earlier ?? [] });
    const done = { chunk, attempt, failed: results.filter((r) => r.error !== undefined).length };
    await this.untilItWorks(() => means.files.writeResults(job.id, done, results));
    if (before) await this.untilItWorks(() => means.files.dropResults(job.id, before));
    this.problem = undefined;
    this.counts!.completed += size.units;
    this.counts!.failed += done.failed;
    this.counts!.charactersCompleted += size.characters;
    this.pace.add(size.units, size.characters);
    means.onChange();
  }

  /** Results of a chunk: those that were there, and what was missing. */
  private async translated(
    chunk: number,
    { size, earlier }: { size: number; earlier: readonly UnitResult[] },
  ): Promise<UnitResult[]> {
    const { job, means, controller } = this;
    const { id, model, options, share } = job;
    const units = await this.untilItWorks(() => means.files.input(job.id, chunk).catch(unreadable));
    if (units instanceof CarouselError) return Array.from({ length: size }, () => ({ error: units.message }));
    const results = units.map((_, n) => (earlier[n]?.text === undefined ? undefined : earlier[n]));
    const expiries = units.map(() => 0);
    await this.untilItWorks(async () => {
      const missing = [...results.keys()].filter((n) => results[n] === undefined);
      const wanted = missing.map((n) => units[n]!);
      const answers = await means.translate(wanted, { id, model, options, share, signal: controller.signal });
      let postponed: CarouselError | undefined;
      for (const [k, answer] of answers.entries()) {
        const n = missing[k]!;
        if (!("postponed" in answer)) results[n] = answer;
        else if (answer.postponed.code === "DEADLINE_EXCEEDED" && ++expiries[n]! >= MOST_EXPIRIES) {
          results[n] = { error: answer.postponed.message };
        } else postponed = answer.postponed;
      }
      if (postponed) throw postponed;
    });
    return results as UnitResult[];
  }

  /** However often it takes: neither the queue nor the store may lose a chunk. @throws Stopped */
  private async untilItWorks<T>(attempt: () => Promise<T>): Promise<T> {
    const { signal } = this.controller;
    for (let pauseMs = FIRST_RETRY_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_RETRY_MS)) {
      try {
        const result = await attempt();
        if (!signal.aborted) return result;
      } catch (error) {
        if (signal.aborted) break;
        this.failed(error);
        const { retryAfterMs = 0 } = error instanceof CarouselError ? error.details : {};
        await pause(Math.max(pauseMs, Math.min(retryAfterMs, LONGEST_RETRY_MS)), signal);
      }
    }
    throw new Stopped();
  }

  private failed(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    if (this.problem === undefined) this.means.onTrouble(problem);
    this.problem = problem;
    this.means.onChange();
  }
}

/** The work was stopped: what was on its way is dropped. */
class Stopped extends Error {}

/** What another try would not read either. */
function unreadable(error: unknown): CarouselError {
  if (error instanceof CarouselError && error.code !== "UNAVAILABLE") return error;
  throw error;
}

/** Chunks whose failures this attempt translates once more do not count. */
export function countsOf(sizes: ChunkSizes, finished: ReadonlyMap<number, FinishedChunk>, attempt: number) {
  const counts = { completed: 0, failed: 0, charactersCompleted: 0 };
  for (const chunk of finished.values()) {
    if (!isSettled(chunk, attempt)) continue;
    counts.completed += sizes.units[chunk.chunk] ?? 0;
    counts.failed += chunk.failed;
    counts.charactersCompleted += sizes.characters[chunk.chunk] ?? 0;
  }
  return counts;
}

/** Jittered, so that many chunks do not come back at the same moment. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms * (0.75 + Math.random() / 2));
    signal.addEventListener("abort", end, { once: true });
  });
}
