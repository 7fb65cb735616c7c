/** The finalizer of MurmurHash3: every bit of the result depends on all of the value's 32. @returns 0 to 2³² − 1 */
export function fmix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
