import { CarouselError } from "../errors.js";
import type { Priority, Segment, SegmentEvent } from "./port.js";
import { ServiceRate } from "./service-rate.js";

const RANK: Readonly<Record<Priority, number>> = { interactive: 0, normal: 1, batch: 2 };
/** Tokens a character, until results have shown it. */
const FIRST_GUESS = 0.5;
const LEARN = 0.05;
/** New tokens of a continuation whose length is not limited. */
const CONTINUATION = 256;
const SHORTEST_RETRY_MS = 50;

/** What gateways tell each other. */
export interface Load {
  /** Tokens not answered yet, by rank of priority. */
  readonly waiting: readonly number[];
  /** Tokens answered since the gateway started. */
  readonly served: number;
}

export interface AdmissionOptions {
  /** Segments that may wait. */
  readonly maxQueued: number;
  /** Longest wait of a request that is not batch work, milliseconds. Default: its deadline. */
  readonly maxWaitMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Held {
  readonly sinceMs: number;
  readonly tokens: number;
  readonly rank: number;
  readonly characters: number;
  readonly requestId: string | undefined;
}

/**
 * Who may come in. The tokens that wait, of all gateways, divided by the tokens that workers do in a second are the wait
 * that a request expects; where its deadline lies before, it is refused at once, and told when it would be let in. All
 * segments of a request that was let in are let in. Tokens are guessed from characters, by what results showed.
 */
export class Admission {
  private readonly held = new Map<string, Held>();
  private readonly requests = new Map<string, number>();
  private readonly waiting = [0, 0, 0];
  private served = 0;
  private others: Load = { waiting: [0, 0, 0], served: 0 };
  private readonly rate = new ServiceRate();
  private tokensPerCharacter = FIRST_GUESS;
  private readonly now: () => number;

  constructor(private readonly options: AdmissionOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Counts the segment in, or says why not. */
  refusal(segment: Segment): CarouselError | undefined {
    const rank = RANK[segment.priority];
    const known = segment.requestId !== undefined && this.requests.has(segment.requestId);
    const refusal = this.full(rank) ?? (known ? undefined : this.late(segment, rank));
    if (!refusal) this.hold(segment, rank);
    return refusal;
  }

  /** A segment has had its last event. */
  ended(event: SegmentEvent): void {
    const held = this.held.get(event.id);
    if (!held) return;
    this.held.delete(event.id);
    this.waiting[held.rank]! -= held.tokens;
    this.release(held.requestId);
    if (event.type === "result") this.learn(held, event.result.sourceTokens);
    const served = event.type === "result" ? held.tokens : 0;
    this.served += served;
    this.observe(served, this.now() - held.sinceMs);
  }

  /** What this gateway tells the others. */
  get load(): Load {
    return { waiting: [...this.waiting], served: this.served };
  }

  /** What the others have told, added up. */
  hear(others: Load): void {
    const served = Math.max(0, others.served - this.others.served);
    this.others = others;
    this.observe(served);
  }

  /** Milliseconds until what is ahead of a request of this rank is done. */
  private waitMs(rank: number): number {
    let ahead = 0;
    for (let r = 0; r <= rank; r++) ahead += this.waiting[r]! + this.others.waiting[r]!;
    return this.rate.millisecondsFor(ahead);
  }

  private full(rank: number): CarouselError | undefined {
    const { maxQueued } = this.options;
    if (this.held.size < maxQueued) return undefined;
    const half = this.waitMs(rank) / 2;
    return refused(`the queue is full (${maxQueued} segments)`, "QUEUE_FULL", half || 1000);
  }

  private late({ deadline, priority }: Segment, rank: number): CarouselError | undefined {
    const { maxWaitMs = Number.POSITIVE_INFINITY } = this.options;
    const left = Math.max(0, deadline - this.now());
    const allowed = priority === "batch" ? left : Math.min(left, maxWaitMs);
    const expected = this.waitMs(rank);
    if (expected <= allowed) return undefined;
    const message = `the expected wait is ${Math.ceil(expected)} ms, and ${Math.ceil(allowed)} ms are allowed`;
    return refused(message, "OVERLOADED", expected - allowed);
  }

  private hold({ id, text, task, options, requestId }: Segment, rank: number): void {
    const guess = Math.ceil(text.length * this.tokensPerCharacter) + 1;
    const tokens = task === "generate" ? guess + (options.maxLength ?? CONTINUATION) : guess;
    this.held.set(id, { tokens, rank, requestId, characters: text.length, sinceMs: this.now() });
    this.waiting[rank]! += tokens;
    if (requestId !== undefined) this.requests.set(requestId, (this.requests.get(requestId) ?? 0) + 1);
    this.observe(0);
  }

  private release(requestId: string | undefined): void {
    if (requestId === undefined) return;
    const left = this.requests.get(requestId)! - 1;
    if (left > 0) this.requests.set(requestId, left);
    else this.requests.delete(requestId);
  }

  private learn({ characters }: Held, sourceTokens: number): void {
    if (characters === 0 || sourceTokens === 0) return;
    this.tokensPerCharacter += LEARN * (sourceTokens / characters - this.tokensPerCharacter);
  }

  private observe(served: number, waitedMs?: number): void {
    const waiting = [...this.waiting, ...this.others.waiting].reduce((a, b) => a + b, 0);
    this.rate.observe({ now: this.now(), served, waiting, ...(waitedMs === undefined ? {} : { waitedMs }) });
  }
}

function refused(message: string, reason: string, retryAfterMs: number): CarouselError {
  const details = { reason, retryAfterMs: Math.ceil(Math.max(SHORTEST_RETRY_MS, retryAfterMs)) };
  return new CarouselError("RESOURCE_EXHAUSTED", message, details);
}
