import type { Share } from "./share.js";

/** What waits of one share. */
export interface Held {
  readonly weight: number;
  readonly amount: number;
}

/** What waits, by rank of priority, then by name of share. */
export type Waiting = readonly Readonly<Record<string, Held>>[];

const RANKS = 3;

/**
 * What waits, in tokens or in segments. A lower rank is served first; within a rank all shares that wait are served at
 * once, each by its weight (generalized processor sharing: Parekh and Gallager 1993).
 */
export class Backlog {
  private readonly own: Record<string, Held>[] = Array.from({ length: RANKS }, () => ({}));
  private others: Waiting = [];

  /** What waits here. */
  get waiting(): Waiting {
    return this.own;
  }

  /** What waits elsewhere and is served by the same workers. */
  hear(others: Waiting): void {
    this.others = others;
  }

  /** Adds what begins to wait; less than 0 takes away what waits no more. */
  add(rank: number, { name, weight }: Share, amount: number): void {
    const held = this.own[rank]!;
    const left = (held[name]?.amount ?? 0) + amount;
    if (left > 0) held[name] = { weight, amount: left };
    else delete held[name];
  }

  get total(): number {
    return this.here + totalOf(this.others);
  }

  /** What waits here, added up. */
  get here(): number {
    return totalOf(this.own);
  }

  /**
   * What is served until all that waits of a share in a rank is, and `more` of it, if nothing else comes: all of the ranks
   * before, and of the rank's other shares what they get meanwhile, or all they have.
   */
  ahead(rank: number, { name, weight }: Share, more = 0): number {
    const all = this.all(rank);
    const own = (all.get(name)?.amount ?? 0) + more;
    let served = own;
    for (let r = 0; r < rank; r++) served += amountOf(this.own[r]!) + amountOf(this.others[r] ?? {});
    for (const [other, held] of all) if (other !== name) served += Math.min(held.amount, (own / weight) * held.weight);
    return served;
  }

  /** What is served of a rank until all that waits of a share is, but `less` of it, if those who wait go on waiting. */
  amongOthers(rank: number, { name, weight }: Share, less = 0): number {
    const all = this.all(rank);
    let weights = 0;
    for (const held of all.values()) weights += held.weight;
    return (((all.get(name)?.amount ?? 0) - less) / weight) * weights;
  }

  /** What waits here of a share in a rank. */
  of(rank: number, { name }: Share): number {
    return this.own[rank]![name]?.amount ?? 0;
  }

  private all(rank: number): Map<string, Held> {
    return joined([this.own[rank]!, this.others[rank] ?? {}]);
  }
}

/** What waits in several places, as one. */
export function together(places: readonly Waiting[]): Waiting {
  return Array.from({ length: RANKS }, (_, rank) => Object.fromEntries(joined(places.map((w) => w[rank] ?? {}))));
}

function joined(places: readonly Readonly<Record<string, Held>>[]): Map<string, Held> {
  const all = new Map<string, Held>();
  for (const place of places) {
    for (const [name, { weight, amount }] of Object.entries(place)) {
      all.set(name, { weight, amount: amount + (all.get(name)?.amount ?? 0) });
    }
  }
  return all;
}

function amountOf(rank: Readonly<Record<string, Held>>): number {
  return Object.values(rank).reduce((sum, { amount }) => sum + amount, 0);
}

function totalOf(waiting: Waiting): number {
  return waiting.reduce((sum, rank) => sum + amountOf(rank), 0);
}
