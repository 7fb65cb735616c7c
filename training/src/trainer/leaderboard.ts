/** A validation by what it is ranked by. */
export interface Entry {
  readonly step: number;
  /** Higher is better. */
  readonly score: number;
}

export interface LeaderboardState {
  /** Best first. */
  readonly entries: readonly Entry[];
  /** Validations since the best one. */
  readonly waited: number;
}

/** The best validations so far, and how long the best has not been beaten. A value: `add` gives a new one. */
export class Leaderboard {
  constructor(
    private readonly size: number,
    readonly state: LeaderboardState = { entries: [], waited: 0 },
  ) {}

  get best(): Entry | undefined {
    return this.state.entries[0];
  }

  has(step: number): boolean {
    return this.state.entries.some((e) => e.step === step);
  }

  add(entry: Entry): Leaderboard {
    const isBest = !this.best || entry.score > this.best.score;
    const entries = [...this.state.entries, entry].sort((a, b) => b.score - a.score).slice(0, this.size);
    return new Leaderboard(this.size, { entries, waited: isBest ? 0 : this.state.waited + 1 });
  }
}
