/** A rate is taken over so much time with work to do. */
const WINDOW_MS = 500;
/** There is a backlog, and the rate is all that the workers can do, when what waits takes longer than this. */
const BACKLOG_MS = 1000;
/** How fast a lower rate is believed, a window. */
const LEARN = 0.3;
/** Batches fill when more comes: a rate measured without a backlog is taken for no less than this part of what is possible. */
const HEADROOM = 8;

/** Tokens a second that the workers can do, learned from what is answered. Time is in milliseconds. */
export class ServiceRate {
  private rate = 0;
  private proven = false;
  private served = 0;
  private busyMs = 0;
  private at: number | undefined;

  /** Told of every change: what has been answered since the last, and what waits now. */
  observe({ now, served, waiting }: { now: number; served: number; waiting: number }): void {
    if (this.at !== undefined) this.busyMs += now - this.at;
    this.at = waiting > 0 ? now : undefined;
    this.served += served;
    if (this.busyMs < WINDOW_MS) return;
    const measured = (1000 * this.served) / this.busyMs;
    const backlog = measured === 0 ? waiting > 0 : (1000 * waiting) / measured > BACKLOG_MS;
    if (measured > this.rate) this.rate = measured;
    else if (backlog) this.rate += LEARN * (measured - this.rate);
    this.proven ||= backlog && measured > 0;
    this.served = 0;
    this.busyMs = 0;
  }

  /** Milliseconds in which so many tokens are done, as far as is known; 0 where nothing is. */
  millisecondsFor(tokens: number): number {
    if (this.rate === 0) return 0;
    return (1000 * tokens) / (this.proven ? this.rate : HEADROOM * this.rate);
  }
}
