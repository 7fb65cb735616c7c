/** What is observed counts for so much of the mean. */
const LEARN = 1 / 32;
/** Mean deviations that hardly any observation is beyond. */
const DEVIATIONS = 5;

/** How much longer than expected a wait may be, as the time-out of TCP is found (Jacobson 1988): mean and mean deviation. */
export class Lateness {
  private mean = 0;
  private deviation = 0;

  /** @param ms waited beyond what was expected; negative when it was less */
  observe(ms: number): void {
    this.deviation += LEARN * (Math.abs(ms - this.mean) - this.deviation);
    this.mean += LEARN * (ms - this.mean);
  }

  /** Milliseconds. */
  get mostMs(): number {
    return Math.max(0, this.mean + DEVIATIONS * this.deviation);
  }
}
