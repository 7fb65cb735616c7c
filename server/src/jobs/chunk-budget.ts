const FEWEST = 4;

export interface ChunkBudgetOptions {
  /** Chunks on their way at most. */
  readonly most: number;
  /** How long a chunk should take, milliseconds: longer, and what waits only grows old in the queue. */
  readonly targetMs: number;
}

/**
 * How many chunks of all jobs of a process are on their way at once: more while they come back soon, which keeps many
 * workers busy; fewer when they take long. So the queue holds so much of jobs and no more, however many jobs there are.
 * Jobs take turns.
 */
export class ChunkBudget {
  private limit = FEWEST;
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly options: ChunkBudgetOptions) {}

  /** Waits for a place. false: the signal was aborted before there was one. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.taken < this.limit && this.waiting.length === 0) {
      this.taken++;
      return true;
    }
    return new Promise((resolve) => {
      const place = () => {
        signal.removeEventListener("abort", giveUp);
        resolve(true);
      };
      const giveUp = () => {
        this.waiting.splice(this.waiting.indexOf(place), 1);
        resolve(false);
      };
      this.waiting.push(place);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Gives a place back. @param tookMs how long the chunk was on its way */
  leave(tookMs?: number): void {
    this.taken--;
    if (tookMs !== undefined) this.learn(tookMs);
    while (this.taken < this.limit && this.waiting.length > 0) {
      this.taken++;
      this.waiting.shift()!();
    }
  }

  private learn(tookMs: number): void {
    const { most, targetMs } = this.options;
    if (tookMs > targetMs) this.limit = Math.max(FEWEST, this.limit - 1);
    else if (tookMs < targetMs / 2 && this.waiting.length > 0) this.limit = Math.min(most, this.limit + 1);
  }
}
