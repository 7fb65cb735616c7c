/** A rate is taken over so much time with work to do. */
const WINDOW_MS = 500;
/** There is a backlog, and the rate is all that the workers can do, when more than half of what is answered waited so many times as long as is usual. */
const BACKLOG = 2;
/** What is usual is what was least, and is forgotten so fast, a window. */
const FORGET = 1.02;
/** How fast a lower rate is believed, a window. */
const LEARN = 0.3;
/** Batches fill when more comes: a rate measured without a backlog is taken for no less than this part of what is possible. */
const HEADROOM = 8;
/** Windows in a row in which more expires than is answered in time that show an overload. A worker's death is over sooner. */
const STARVED = 3;

export interface Observation {
  readonly now: number;
  /** Tokens. */
  readonly served: number;
  readonly waiting: number;
  readonly waitedMs?: number;
}

/** Tokens a second that the workers can do, learned from what is answered. Time is in milliseconds. */
export class ServiceRate {
  private rate = 0;
  private proven = false;
  private served = 0;
  /** Of what was served, where it is known how long it waited; and what of that waited long. */
  private known = 0;
  private late = 0;
  private waited = 0;
  private expired = 0;
  private starved = 0;
  private tooLate = false;
  /** Milliseconds that a token waits where there is no backlog. */
  private usualMs = Number.POSITIVE_INFINITY;
  private busyMs = 0;
  private at: number | undefined;

  /**
   * Told of every change: what has been answered since the last, after what time where that is known, and what waits now.
   * What is never answered says nothing: its worker may have died, while others are idle.
   */
  observe({ now, served, waiting, waitedMs }: Observation): void {
    if (this.at !== undefined) this.busyMs += now - this.at;
    this.at = waiting > 0 ? now : undefined;
    if (this.rate === 0 && this.served === 0) this.busyMs = 0; // the first answer is long in coming
    this.served += served;
    if (waitedMs !== undefined) {
      this.known += served;
      this.waited += served * waitedMs;
      if (waitedMs > BACKLOG * this.usualMs) this.late += served;
    }
    if (this.busyMs < WINDOW_MS) return;
    const measured = (1000 * this.served) / this.busyMs;
    const backlog = 2 * this.late > this.known;
    // an outage answers nothing, not even too late
    if (this.served > 0 || this.tooLate) this.starved = this.expired > this.served ? this.starved + 1 : 0;
    const overload = backlog || this.starved >= STARVED;
    if (measured > this.rate) this.rate = measured;
    else if (overload) this.rate += LEARN * (measured - this.rate);
    this.proven ||= overload;
    this.expired = 0;
    this.tooLate = false;
    if (this.known > 0) this.usualMs = Math.min(FORGET * this.usualMs, this.waited / this.known);
    this.served = 0;
    this.known = 0;
    this.late = 0;
    this.waited = 0;
    this.busyMs = 0;
  }

  /** Tokens that nobody waits for any more. Where more expire than are answered for a while, no more can be done than was seen. */
  expire(tokens: number): void {
    this.expired += tokens;
  }

  /** A worker has ended something that nobody waits for any more: it works, and comes too late. */
  lateAnswer(): void {
    this.tooLate = true;
  }

  /** Whether a backlog has shown the rate. */
  get isKnown(): boolean {
    return this.proven;
  }

  /** Milliseconds in which so many tokens are done, as far as is known; 0 where nothing is. */
  millisecondsFor(tokens: number): number {
    if (this.rate === 0) return 0;
    return (1000 * tokens) / (this.proven ? this.rate : HEADROOM * this.rate);
  }
}
