import { fmix32 } from "@carousel/bundle/murmur";

/**
 * A seed for the n-th of many things that are drawn under one seed: the lines of a file, the sentences of a line. It
 * follows from both numbers alone, so a line draws the same in whatever company it is translated. Mixing: the finalizer
 * of MurmurHash3.
 * @returns a whole number in [0, 2³²), as a request's seed must be
 */
export function derivedSeed(seed: number, n: number): number {
  return mix(mix(seed) ^ mix(n ^ 0x9e3779b9)) >>> 0;
}

function mix(value: number): number {
  return fmix32(value + 0x6d2b79f5);
}
