/**
 * Seeded pseudo-random numbers: xoshiro128** (Blackman & Vigna 2018). The same seed gives the same sequence everywhere.
 */
export class Random {
  /** The whole state. */
  private readonly words: [number, number, number, number];

  /** @param key words that name the stream, e.g. a seed and an epoch; streams of different keys are independent. */
  constructor(...key: number[]) {
    let hash = 0x9e3779b9;
    for (const word of key) hash = mix(hash ^ word) + Math.floor(word / 2 ** 32);
    const next = () => {
      hash = (hash + 0x9e3779b9) | 0;
      return mix(hash);
    };
    this.words = [next(), next(), next(), next() | 1];
  }

  /** An integer in [0, 2³²). */
  nextUint32(): number {
    const s = this.words;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A number from the normal distribution N(0, 1), by Box & Muller 1958. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Puts the items in a random order, in place (Fisher & Yates), and returns them. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}

/** A bijection of 32-bit words whose output bits depend on all input bits ("lowbias32", Wellons 2018). */
export function mix(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
