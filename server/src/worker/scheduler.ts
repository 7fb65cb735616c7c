import type { Priority } from "../queue/port.js";
import { turnOf } from "../queue/turn.js";

/** What the scheduler knows of a piece of work. */
export interface Candidate {
  readonly priority: Priority;
  /** Milliseconds on the scheduler's clock, after which nobody wants the answer. */
  readonly deadline: number;
  readonly beamSize: number;
  /** Source tokens; 1 where there is no source. */
  readonly sourceLength: number;
  /** Finished, cancelled or failed: it gives its place up. */
  readonly isOver: boolean;
  /** Steps until its search is complete at the latest. */
  readonly stepsLeft: number;
  /** Steps whose tokens are given. */
  readonly forcedLeft: number;
  /** Whether somebody waits for every token. */
  readonly streams: boolean;
}

export interface BatchLimits {
  /** Most sentences in a running batch. */
  readonly maxSentences: number;
  /** Most tokens in a running batch: sentences × largest beam × longest source, padding included. */
  readonly maxTokens: number;
}

export interface SchedulerOptions extends BatchLimits {
  /** Steps of a run: `idle` while the batch is nearly empty, `full` when it is full and as many wait. */
  readonly steps: { readonly idle: number; readonly full: number };
  /** continuous when absent. The others are there to be compared with. */
  readonly joining?: Joining;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * continuous: sentences join and leave between any two runs. leaving: they join only when all before them are done.
 * static: nor does any leave before, as where a batch is one call of a network.
 */
export type Joining = "continuous" | "leaving" | "static";

/** What happens before the next run of a batch, and how many steps the run has; none when nothing is left to run. */
export interface Turn<T> {
  /** Indices into the running batch as the last turn left it, ascending: those that stay. */
  readonly keep: readonly number[];
  readonly join: readonly T[];
  /** The batch of this run: those kept, then those that join. */
  readonly running: readonly T[];
  /** Those, running or waiting, whose deadline has passed; they are in the batch no more. */
  readonly expired: readonly T[];
  readonly steps: number;
}

/** Milliseconds for which shorter or longer sentences may go first; then nobody overtakes. */
export const PATIENCE = 50;
/** Padding up to so many source tokens costs next to nothing. */
export const FREE_PADDING = 256;
/** Of the rectangle sentences × longest source, at most this part is padding. */
const MAX_PADDING = 0.5;
/** Steps of one run while only given tokens are taken: nobody waits for them and nothing ends. */
export const MAX_FORCED_STEPS = 64;

interface Waiting<T> {
  readonly item: T;
  readonly since: number;
  readonly turn: number;
}

/**
 * Decides who is in a running batch and how many steps it advances; it performs nothing. Between two runs whoever is over
 * or late leaves, and others join: in turn, which is by priority and in the end by age, but that those of unlike length,
 * which would widen the rectangle for all, are passed over for at most `PATIENCE`. Whoever does not fit the limits is
 * never overtaken, so that a long sentence is not starved by short ones; an empty batch takes any length.
 */
export class Scheduler<T extends Candidate> {
  private waiting: Waiting<T>[] = [];
  private running: readonly T[] = [];

  constructor(private readonly options: SchedulerOptions) {}

  /** Waiting and running. */
  get load(): number {
    return this.waiting.length + this.running.length;
  }

  add(item: T): void {
    const since = this.options.now();
    const turn = turnOf(item.priority, since);
    let at = this.waiting.length;
    while (at > 0 && this.waiting[at - 1]!.turn > turn) at--;
    this.waiting.splice(at, 0, { item, since, turn });
  }

  /** To be called between two runs. */
  next(): Turn<T> {
    const { joining = "continuous" } = this.options;
    const now = this.options.now();
    const late = (item: T) => !item.isOver && item.deadline <= now;
    const expired = [...this.running, ...this.waiting.map((w) => w.item)].filter(late);
    const goesOn = (item: T) => !item.isOver && !late(item);
    const allStay = joining === "static" && this.running.some(goesOn);
    const keep = [...this.running.keys()].filter((n) => allStay || goesOn(this.running[n]!));
    this.waiting = this.waiting.filter(({ item }) => goesOn(item));
    const kept = keep.map((n) => this.running[n]!);
    const join = joining !== "continuous" && kept.length > 0 ? [] : this.take(kept, now);
    this.running = [...kept, ...join];
    return { keep, join, running: this.running, expired, steps: this.running.length === 0 ? 0 : this.steps() };
  }

  /** The run failed: all that took part are gone. */
  abandon(): readonly T[] {
    const lost = this.running;
    this.running = [];
    return lost;
  }

  private take(staying: readonly T[], now: number): T[] {
    let size = staying.reduce(grown, EMPTY);
    const taken = new Set<Waiting<T>>();
    for (const waiting of this.waiting) {
      const larger = grown(size, waiting.item);
      if (size.sentences > 0 && !this.fits(larger)) break;
      const patient = now - waiting.since < PATIENCE;
      if (size.sentences > 0 && patient && isWasteful(larger)) continue;
      taken.add(waiting);
      size = larger;
    }
    this.waiting = this.waiting.filter((w) => !taken.has(w));
    return Array.from(taken, (w) => w.item);
  }

  private fits({ sentences, beam, source }: Size): boolean {
    return sentences <= this.options.maxSentences && sentences * beam * source <= this.options.maxTokens;
  }

  /** One step while somebody waits for every token, many while all tokens are given; between them, the fuller the more. */
  private steps(): number {
    const { running } = this;
    const forced = Math.min(...running.map((w) => w.forcedLeft));
    const longest = Math.max(...running.map((w) => w.stepsLeft));
    const free = running.some((w) => w.streams && w.forcedLeft === 0) ? 1 : this.stepsByLoad();
    return Math.max(1, Math.min(longest, Math.max(free, Math.min(forced, MAX_FORCED_STEPS))));
  }

  private stepsByLoad(): number {
    const { steps, maxSentences } = this.options;
    const fullness = Math.min(1, this.load / (2 * maxSentences));
    return Math.round(steps.idle + fullness * (steps.full - steps.idle));
  }
}

interface Size {
  readonly sentences: number;
  readonly beam: number;
  /** Longest source, and the sum of all. */
  readonly source: number;
  readonly tokens: number;
}

const EMPTY: Size = { sentences: 0, beam: 1, source: 1, tokens: 0 };

function grown(size: Size, { beamSize, sourceLength }: Candidate): Size {
  return {
    sentences: size.sentences + 1,
    beam: Math.max(size.beam, beamSize),
    source: Math.max(size.source, sourceLength),
    tokens: size.tokens + sourceLength,
  };
}

function isWasteful({ sentences, source, tokens }: Size): boolean {
  const padding = sentences * source - tokens;
  return padding > FREE_PADDING && padding > MAX_PADDING * sentences * source;
}
