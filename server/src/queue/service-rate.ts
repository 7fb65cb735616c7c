/** A rate is taken over so much time with work to do. */
const WINDOW_MS = 500;
/** There is a backlog, and the rate is all that the workers can do, when more than half of what is answered waited so many times as long as is usual. */
const BACKLOG = 2;
/** What is usual is what was least, and is forgotten so fast, a window. */
const FORGET = 1.02;
/** How fast a lower rate is believed, a window, and a higher one where the rate is known: answers may come in bursts. */
const LEARN = 0.3;
const RISE = 0.5;
/** Batches fill when more comes: a rate measured without a backlog is taken for no less than this part of what is possible. */
const HEADROOM = 8;
/** A rate is known as well where so much more is possible at most. */
const LITTLE_HEADROOM = 2;
/** A rate is the same as the highest when it is at least this part of it. */
const SAME = 0.8;
/** Windows in a row in which more expires than is answered in time that show an overload. A worker's death is over sooner. */
const STARVED = 3;

export interface Observation {
  readonly now: number;
  /** Tokens. */
  readonly served: number;
  readonly waiting: number;
  readonly waitedMs?: number;
  /** What waits, as a part of what the workers work on at once: with 1 and more they cannot do better. 0: nobody knows. */
  readonly fullness: number;
}

/** What is counted until there was work for long enough. */
class Window {
  /** Tokens answered, whoever waited for them. */
  served = 0;
  /** Of those, where it is known how long it waited: tokens, tokens × milliseconds, and tokens that waited long. */
  known = 0;
  waited = 0;
  late = 0;
  /** Tokens that nobody waits for any more. */
  expired = 0;
  /** Whether a worker has ended something that nobody waited for any more. */
  tooLate = false;
  /** Time with work to do, and fullness summed over it. */
  busyMs = 0;
  fullMs = 0;

  /** Tokens a second. */
  get rate(): number {
    return (1000 * this.served) / this.busyMs;
  }

  /** How many times the rate may be possible. */
  get headroom(): number {
    return Math.min(HEADROOM, this.busyMs / this.fullMs);
  }

  get hasBacklog(): boolean {
    return 2 * this.late > this.known;
  }
}

/** Tokens a second that the workers can do, learned from what is answered. Time is in milliseconds. */
export class ServiceRate {
  private rate = 0;
  private headroom = HEADROOM;
  /** Whether more than the rate cannot be done. */
  private proven = false;
  private starved = 0;
  /** Milliseconds that a token waits where there is no backlog. */
  private usualMs = Number.POSITIVE_INFINITY;
  private window = new Window();
  /** Since when something waits, and how full the workers are since. */
  private since: { readonly now: number; readonly fullness: number } | undefined;

  /**
   * Told of every change: what has been answered since the last, after what time where that is known, and what waits now.
   * What is never answered says nothing: its worker may have died, while others are idle.
   */
  observe({ now, served, waiting, waitedMs, fullness }: Observation): void {
    this.pass(now);
    this.since = waiting > 0 ? { now, fullness: Math.min(1, fullness) } : undefined;
    const { window } = this;
    window.served += served;
    if (waitedMs !== undefined) {
      window.known += served;
      window.waited += served * waitedMs;
      if (waitedMs > BACKLOG * this.usualMs) window.late += served;
    }
    if (window.busyMs < WINDOW_MS) return;
    this.learn(window);
    this.window = new Window();
  }

  /** Tokens that nobody waits for any more. Where more expire than are answered for a while, no more can be done than was seen. */
  expire(tokens: number): void {
    this.window.expired += tokens;
  }

  /** A worker has ended something that nobody waits for any more: it works, and comes too late. */
  lateAnswer(): void {
    this.window.tooLate = true;
  }

  /** What was counted as one token is counted as so many from now on. */
  recount(tokens: number): void {
    this.rate *= tokens;
  }

  /** Whether the rate is what the workers can do, or nearly: a backlog has shown it, or they had work to the full. */
  get isKnown(): boolean {
    return this.proven || this.headroom <= LITTLE_HEADROOM;
  }

  /** Milliseconds in which so many tokens are done, as far as is known; 0 where nothing is. */
  millisecondsFor(tokens: number): number {
    if (this.rate === 0) return 0;
    return (1000 * tokens) / (this.proven ? this.rate : this.headroom * this.rate);
  }

  private pass(now: number): void {
    if (!this.since) return;
    const { window } = this;
    if (this.rate === 0 && window.served === 0) return; // the first answer is long in coming
    const ms = now - this.since.now;
    window.busyMs += ms;
    window.fullMs += this.since.fullness * ms;
  }

  private learn(window: Window): void {
    const { rate, headroom, hasBacklog, known } = window;
    // an outage answers nothing, not even too late
    if (window.served > 0 || window.tooLate) this.starved = window.expired > window.served ? this.starved + 1 : 0;
    const isOverload = hasBacklog || this.starved >= STARVED;
    const wasKnown = this.isKnown;
    this.proven ||= isOverload;
    if (rate > this.rate) {
      this.rate += (wasKnown ? RISE : 1) * (rate - this.rate);
      this.headroom = headroom;
    } else {
      if (rate > SAME * this.rate) this.headroom = Math.min(this.headroom, headroom);
      if (isOverload) this.rate += LEARN * (rate - this.rate);
    }
    if (known > 0) this.usualMs = Math.min(FORGET * this.usualMs, window.waited / known);
  }
}
