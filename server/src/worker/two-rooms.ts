/** More than is asked for by so much, so that a batch that grows does not need new room every time. */
const SPARE = 1.25;

/** Room for the numbers of one batch after the other: while the next are written, those of the last can still be read. */
export class TwoRooms {
  private last = new Float32Array(0);
  private free = new Float32Array(0);

  /** Room for so many numbers, with whatever was in it; it is good until the call after the next. */
  next(length: number): Float32Array {
    if (this.free.length < length) this.free = new Float32Array(Math.ceil(SPARE * length));
    [this.last, this.free] = [this.free, this.last];
    return this.last.subarray(0, length);
  }
}
