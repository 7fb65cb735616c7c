import { Places } from "./places.js";

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
  private readonly places = new Places(FEWEST);

  constructor(private readonly options: ChunkBudgetOptions) {}

  /** Waits for a place. false: the signal was aborted before there was one. */
  enter(signal: AbortSignal): Promise<boolean> {
    return this.places.enter(signal);
  }

  /** Gives a place back. @param tookMs how long the chunk was on its way */
  leave(tookMs?: number): void {
    if (tookMs !== undefined) this.learn(tookMs);
    this.places.leave();
  }

  private learn(tookMs: number): void {
    const { most, targetMs } = this.options;
    const { size, waiting } = this.places;
    if (tookMs > targetMs) this.places.size = Math.max(FEWEST, size - 1);
    else if (tookMs < targetMs / 2 && waiting > 0) this.places.size = Math.min(most, size + 1);
  }
}
