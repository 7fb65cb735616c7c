/** A validation by what it is ranked by. */
export interface Entry {
  readonly step: number;
  /** Higher is better. */
  readonly score: number;
}

export interface LeaderboardState {
  /** Best first. */
  readonly entries: readonly Entry[];
  /** The last ones, oldest first; absent when the best are to be averaged. */
  readonly recent?: readonly Entry[];
  /** Validations since the best one. */
  readonly waited: number;
}

export interface LeaderboardOptions {
  /** Validations whose parameters are averaged at the end. */
  readonly size: number;
  readonly of: "best" | "last";
}

/**
 * The validations whose parameters are kept, the best one among them, and how long the best has not been beaten. A value:
 * `add` gives a new one.
 */
export class Leaderboard {
  constructor(
    private readonly options: LeaderboardOptions,
    readonly state: LeaderboardState = { entries: [], waited: 0 },
  ) {}

  get best(): Entry | undefined {
    return this.state.entries[0];
  }

  /** The validations to average: the best, or the last. */
  get averaged(): readonly Entry[] {
    return this.state.recent ?? this.state.entries;
  }

  /** Whether the parameters of a validation are kept. */
  has(step: number): boolean {
    return [...this.state.entries, ...this.averaged].some((e) => e.step === step);
  }

  add(entry: Entry): Leaderboard {
    const { size, of } = this.options;
    const { entries, recent = [], waited } = this.state;
    const isBest = !this.best || entry.score > this.best.score;
    const ranked = [...entries, entry].sort((a, b) => b.score - a.score).slice(0, of === "best" ? size : 1);
    return new Leaderboard(this.options, {
      entries: ranked,
      ...(of === "last" ? { recent: [...recent, entry].slice(-size) } : {}),
      waited: isBest ? 0 : waited + 1,
    });
  }
}
