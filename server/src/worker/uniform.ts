import { createHash } from "node:crypto";
import { fmix32 } from "@carousel/bundle/murmur";

/**
 * The seed of a request that named none: whoever does it again, after a worker died over it, draws the same, and goes on with
 * what the caller has heard already.
 * @param id of the segment
 */
export function seedOf(id: string): number {
  return createHash("sha256").update(id).digest().readUIntBE(0, 6);
}

/**
 * A number in [0, 1) that follows from a seed and a position alone, so that what a request samples depends neither on its
 * batch mates nor on how many steps a run has. Mixing: the finalizer of MurmurHash3 over a Weyl sequence. 24 bits, so
 * that the number survives float32 without becoming 1.
 */
export function uniformAt(seed: number, position: number): number {
  const low = seed | 0;
  const high = Math.floor(seed / 0x1_0000_0000) | 0;
  const mixed = fmix32(fmix32(fmix32(low) ^ high) ^ Math.imul(position + 1, 0x9e3779b9));
  return (mixed >>> 8) / 0x1_00_0000;
}
