const EMPTY = -1;
const FULLEST = 0.6;

/** A probability and a count for every pair of ids that has come up: a hash table with open addressing. */
export class PairTable {
  private keys: Float64Array;
  private probabilities: Float32Array;
  private counts: Float32Array;
  private size = 0;

  /** @param width more than the largest second id */
  constructor(private readonly width: number) {
    this.keys = new Float64Array(1 << 16).fill(EMPTY);
    this.probabilities = new Float32Array(this.keys.length);
    this.counts = new Float32Array(this.keys.length);
  }

  /** Where a pair is kept until the next one is added; a new one has the probability 1. */
  slotOf(first: number, second: number): number {
    const key = first * this.width + second;
    let slot = this.find(key);
    if (this.keys[slot] === key) return slot;
    if (this.size >= FULLEST * this.keys.length) {
      this.grow();
      slot = this.find(key);
    }
    this.keys[slot] = key;
    this.probabilities[slot] = 1;
    this.size++;
    return slot;
  }

  probability(slot: number): number {
    return this.probabilities[slot]!;
  }

  count(slot: number, share: number): void {
    this.counts[slot]! += share;
  }

  /** Probabilities of the second ids of each first one from what was counted; counts start at 0 again. */
  normalize(firsts: number): void {
    const totals = new Float64Array(firsts);
    this.forEachSlot((slot, first) => {
      totals[first]! += this.counts[slot]!;
    });
    this.forEachSlot((slot, first) => {
      this.probabilities[slot] = this.counts[slot]! / totals[first]!;
    });
    this.counts.fill(0);
  }

  forEach(visit: (first: number, second: number, probability: number) => void): void {
    this.forEachSlot((slot, first) => visit(first, this.keys[slot]! % this.width, this.probabilities[slot]!));
  }

  private forEachSlot(visit: (slot: number, first: number) => void): void {
    for (let slot = 0; slot < this.keys.length; slot++) {
      if (this.keys[slot] !== EMPTY) visit(slot, Math.floor(this.keys[slot]! / this.width));
    }
  }

  /** The slot of a key, or the empty one where it belongs. */
  private find(key: number): number {
    const mask = this.keys.length - 1;
    let slot = hash(key) & mask;
    while (this.keys[slot] !== EMPTY && this.keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { keys, probabilities, counts } = this;
    this.keys = new Float64Array(2 * keys.length).fill(EMPTY);
    this.probabilities = new Float32Array(this.keys.length);
    this.counts = new Float32Array(this.keys.length);
    keys.forEach((key, slot) => {
      if (key === EMPTY) return;
      const to = this.find(key);
      this.keys[to] = key;
      this.probabilities[to] = probabilities[slot]!;
      this.counts[to] = counts[slot]!;
    });
  }
}

/** Fibonacci hashing of a whole number below 2⁵³. */
function hash(key: number): number {
  const mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul((key / 2 ** 32) | 0, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
