import { CarouselError } from "../errors.js";
import { Backlog, type Waiting } from "./backlog.js";
import { Lateness } from "./lateness.js";
import type { Arrival, Place, Priority, Segment, SegmentEvent, SegmentFailure } from "./port.js";
import { ServiceRate } from "./service-rate.js";
import { ANONYMOUS, type Share } from "./share.js";
import { turnOf } from "./turn.js";

const RANK: Readonly<Record<Priority, number>> = { interactive: 0, normal: 1, batch: 2 };
/** Tokens a character, until results have shown it. */
const FIRST_GUESS = 0.5;
const LEARN = 0.05;
/** New tokens of a continuation whose length is not limited. */
const CONTINUATION = 256;
const SHORTEST_RETRY_MS = 50;
/** Of a short wait no more lateness than this is feared, milliseconds, and of a longer one no more than itself. */
const LEAST_FEAR_MS = 1000;
/**
 * Tokens a millisecond, until answers have shown how many. Turns that were put back too far last beyond that: those who come
 * later would all go first.
 */
const GUESSED_RATE = 10;
/** However much a share has waiting, it is put back by no more, milliseconds: less than batch work yields. */
const LONGEST_PUT_BACK_MS = 50_000;

/** What gateways tell each other. */
export interface Load {
  /** Tokens not answered yet. */
  readonly waiting: Waiting;
  /** Tokens answered since the gateway started. */
  readonly served: number;
}

export interface AdmissionOptions {
  /** Segments that may wait: of a share, counting of each other one no more than comes first. */
  readonly maxQueued: number;
  /** Longest wait of a request that is not batch work, milliseconds. Default: its deadline. */
  readonly maxWaitMs?: number;
  /** Segments that the workers take at once: as many as they work on, and as many again. 0 where nobody knows. */
  readonly capacity?: () => number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Whose something is that waits. */
interface Owner {
  readonly rank: number;
  readonly share: Share;
}

interface Held extends Owner {
  readonly sinceMs: number;
  readonly tokens: number;
  readonly characters: number;
  /** Of the request that it is part of. */
  readonly key: string;
}

/** A call is answered with the last of its segments. */
interface Request {
  readonly sinceMs: number;
  /** What the last of its segments was expected to wait, where that was known. */
  expectedMs: number | undefined;
  /** Segments that wait, and places that it holds. */
  left: number;
  /** What is counted for its places: it is still to come. */
  tokensToCome: number;
  segmentsToCome: number;
  places: number;
}

type Asking = Pick<Segment, "priority" | "share" | "deadline" | "requestId">;

/**
 * Who may come in, and when it is whose turn. The tokens that wait, of all gateways, divided by the tokens that workers do
 * in a second are the wait that a request expects; where its deadline lies before, it is refused at once, and told when it
 * would be let in. All segments of a request that was let in are let in. Tokens are guessed from characters, by what
 * results showed. Of others' tokens only those count that come first where each share gets its part of the workers.
 */
export class Admission {
  private readonly held = new Map<string, Held>();
  private readonly requests = new Map<string, Request>();
  private readonly tokens = new Backlog();
  /** Those of them that are still to come, of requests that are being cut: no worker can have them. */
  private readonly toCome = new Backlog();
  private readonly segments = new Backlog();
  /** The last turn given to those who wait, by rank and name of share. */
  private readonly turns: readonly Map<string, number>[] = Object.values(RANK).map(() => new Map());
  private served = 0;
  private servedByOthers = 0;
  private readonly rate = new ServiceRate();
  private tokensPerCharacter = FIRST_GUESS;
  private readonly lateness = new Lateness();
  private readonly now: () => number;

  constructor(private readonly options: AdmissionOptions) {
    this.now = options.now ?? Date.now;
  }

  /** As QueueClient's. */
  enter(arrival: Arrival): Place {
    accept(this.late(arrival));
    const { requestId: key, priority, share = ANONYMOUS, characters } = arrival;
    if (key === undefined) return { need: (segments) => accept(this.full(arrival, segments)), leave() {} };
    const owner = { rank: RANK[priority], share };
    const request = this.join(key);
    request.places++;
    this.expect(request, owner, { tokens: Math.ceil(characters * this.tokensPerCharacter) });
    let kept = 0;
    return {
      need: (segments) => {
        if (segments <= kept) return;
        accept(this.full(arrival, segments - kept));
        this.expect(request, owner, { segments: segments - kept });
        kept = segments;
      },
      leave: () => {
        request.places--;
        const [tokens, segments] = [-request.tokensToCome, -request.segmentsToCome];
        if (request.places === 0) this.expect(request, owner, { tokens, segments });
        this.release(key);
      },
    };
  }

  /** Counts the segment in, or says why not. */
  refusal(segment: Segment): SegmentFailure | undefined {
    const hasRoom = (this.requestOf(segment)?.segmentsToCome ?? 0) > 0;
    const refusal = (hasRoom ? undefined : this.full(segment)) ?? this.late(segment);
    if (!refusal) this.hold(segment);
    return refusal;
  }

  /**
   * The turn of a segment that was let in, milliseconds since the epoch: when it would be done if every share had its part of
   * the workers all the time (weighted fair queueing), and later for the less urgent. Within a share first come, first served.
   */
  turn({ priority, share = ANONYMOUS }: Segment): number {
    const rank = RANK[priority];
    const before = this.tokens.amongOthers(rank, share, this.toCome.of(rank, share));
    const putBack = this.rate.millisecondsFor(before) || before / GUESSED_RATE;
    const fair = turnOf(priority, this.now()) + Math.min(putBack, LONGEST_PUT_BACK_MS);
    const turn = Math.max(fair, this.turns[rank]!.get(share.name) ?? 0);
    this.turns[rank]!.set(share.name, turn);
    return turn;
  }

  /** A segment has had its last event. */
  ended(event: SegmentEvent): void {
    const held = this.held.get(event.id);
    if (!held) return;
    this.held.delete(event.id);
    this.tokens.add(held.rank, held.share, -held.tokens);
    this.segments.add(held.rank, held.share, -1);
    if (!this.tokens.waiting[held.rank]![held.share.name]) this.turns[held.rank]!.delete(held.share.name);
    if (event.type === "result") this.learn(held, event.result.sourceTokens);
    const waitedMs = this.now() - held.sinceMs;
    const expired = event.type === "error" && event.error.code === "DEADLINE_EXCEEDED";
    const request = this.release(held.key);
    if (request.left === 0 && (event.type === "result" || expired) && request.expectedMs !== undefined) {
      this.lateness.observe(this.now() - request.sinceMs - request.expectedMs);
    }
    if (expired) this.rate.expire(held.tokens);
    const served = event.type === "result" ? held.tokens : 0;
    this.served += served;
    this.observe(served, waitedMs);
  }

  /** A worker has ended a segment that has had its last event before. */
  lateAnswer(): void {
    this.rate.lateAnswer();
  }

  /** What this gateway tells the others. */
  get load(): Load {
    return { waiting: this.tokens.waiting, served: this.served };
  }

  /** What the others have told, added up. */
  hear(others: Load): void {
    const served = Math.max(0, others.served - this.servedByOthers);
    this.servedByOthers = others.served;
    this.tokens.hear(others.waiting);
    this.observe(served);
  }

  /** Milliseconds until what is ahead of a segment is done. */
  private waitMs({ priority, share = ANONYMOUS }: Asking): number {
    return this.rate.millisecondsFor(this.tokens.ahead(RANK[priority], share));
  }

  private full(asking: Asking, segments = 1): SegmentFailure | undefined {
    const { maxQueued } = this.options;
    const { priority, share = ANONYMOUS } = asking;
    if (this.segments.ahead(RANK[priority], share, segments) <= maxQueued) return undefined;
    const half = this.waitMs(asking) / 2;
    return refused(`the queue is full (${maxQueued} segments)`, "QUEUE_FULL", half || 1000);
  }

  private late(asking: Asking): SegmentFailure | undefined {
    if (this.requestOf(asking)) return undefined;
    const { maxWaitMs = Number.POSITIVE_INFINITY } = this.options;
    const left = Math.max(0, asking.deadline - this.now());
    const allowed = asking.priority === "batch" ? left : Math.min(left, maxWaitMs);
    const wait = this.waitMs(asking);
    // an outage and a dead worker make answers late that found no queue: where little waits, they say little
    const expected = wait + Math.min(this.lateness.mostMs, Math.max(wait, LEAST_FEAR_MS));
    // who comes when there is nothing to wait for shows what has become of the workers
    if (wait === 0 || expected <= allowed) return undefined;
    const message = `the expected wait is ${Math.ceil(expected)} ms, and ${Math.ceil(allowed)} ms are allowed`;
    return refused(message, "OVERLOADED", expected - allowed);
  }

  private hold({ id, text, task, options, requestId, priority, share = ANONYMOUS }: Segment): void {
    const guess = Math.ceil(text.length * this.tokensPerCharacter) + 1;
    const tokens = task === "generate" ? guess + (options.maxLength ?? CONTINUATION) : guess;
    const rank = RANK[priority];
    const key = requestId ?? id;
    const request = this.join(key);
    const [expected, place] = [Math.min(request.tokensToCome, tokens), Math.min(request.segmentsToCome, 1)];
    this.expect(request, { rank, share }, { tokens: -expected, segments: -place });
    this.tokens.add(rank, share, tokens);
    this.segments.add(rank, share, 1);
    this.held.set(id, { tokens, rank, share, key, characters: text.length, sinceMs: this.now() });
    request.expectedMs = this.rate.isKnown ? this.rate.millisecondsFor(this.tokens.ahead(rank, share)) : undefined;
    this.observe(0);
  }

  /** Counts in what is still to come of a request; less than 0 when it comes, or does not. */
  private expect(request: Request, { rank, share }: Owner, { tokens = 0, segments = 0 }): void {
    request.tokensToCome += tokens;
    request.segmentsToCome += segments;
    this.tokens.add(rank, share, tokens);
    this.toCome.add(rank, share, tokens);
    this.segments.add(rank, share, segments);
  }

  private requestOf({ requestId }: Asking): Request | undefined {
    return requestId === undefined ? undefined : this.requests.get(requestId);
  }

  /** The request of a segment, or of a place, that is counted in. */
  private join(key: string): Request {
    const request = this.requests.get(key) ?? {
      ...{ sinceMs: this.now(), expectedMs: undefined },
      ...{ left: 0, places: 0, tokensToCome: 0, segmentsToCome: 0 },
    };
    request.left++;
    this.requests.set(key, request);
    return request;
  }

  private release(key: string): Request {
    const request = this.requests.get(key)!;
    request.left--;
    if (request.left === 0) this.requests.delete(key);
    return request;
  }

  private learn({ characters }: Held, sourceTokens: number): void {
    if (characters === 0 || sourceTokens === 0) return;
    const before = this.tokensPerCharacter;
    this.tokensPerCharacter += LEARN * (sourceTokens / characters - before);
    this.rate.recount(this.tokensPerCharacter / before);
  }

  private observe(served: number, waitedMs?: number): void {
    const waiting = this.tokens.total - this.toCome.here;
    const observed = { now: this.now(), served, waiting, fullness: this.fullness(waiting) };
    this.rate.observe({ ...observed, ...(waitedMs === undefined ? {} : { waitedMs }) });
  }

  /** Segments that wait, as a part of what the workers work on at once. Those of other gateways are taken to be as long as one's own. */
  private fullness(waiting: number): number {
    const inWork = (this.options.capacity?.() ?? 0) / 2;
    if (inWork === 0 || this.held.size === 0) return 0;
    return (this.held.size * (waiting / (this.tokens.here - this.toCome.here))) / inWork;
  }
}

function accept(refusal: SegmentFailure | undefined): void {
  if (refusal) throw CarouselError.of(refusal);
}

/** No error with a stack: thousands a second may be refused. */
function refused(message: string, reason: string, retryAfterMs: number): SegmentFailure {
  const details = { reason, retryAfterMs: Math.ceil(Math.max(SHORTEST_RETRY_MS, retryAfterMs)) };
  return { code: "RESOURCE_EXHAUSTED", message, details };
}
