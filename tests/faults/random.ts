import { derivedSeed } from "@carousel/server";

/** Draws that follow from a seed: whom a fault hits and when, and which texts are sent. */
export class Random {
  private drawn = 0;

  constructor(private readonly seed: number) {}

  /** A whole number from 0 to below n. */
  below(n: number): number {
    return Math.floor((derivedSeed(this.seed, this.drawn++) / 2 ** 32) * n);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}
