/** A run of elements to copy: a row of a tensor, or its beginning. */
export interface Slice<A> {
  readonly data: A;
  readonly offset: number;
  readonly length: number;
}

type Numbers = Float32Array | Int32Array;

/** Row `row` of a tensor whose rows have `length` elements. */
export function rowOf<A>(data: A, row: number, length: number): Slice<A> {
  return { data, offset: row * length, length };
}

/**
 * Writes rows one after another into `target`, each `length` elements long. A shorter row is followed by what `target`
 * held before (zeros, as a rule), a longer one is cut: the first axis after the rows is padded or shortened at its end.
 * An absent row is left as it is. What the numbers mean is nobody's business here.
 */
export function stackRows<A extends Numbers>(
  target: A,
  length: number,
  rows: readonly (Slice<Numbers> | undefined)[],
): A {
  rows.forEach((row, at) => {
    if (!row) return;
    const end = row.offset + Math.min(length, row.length);
    target.set(row.data.subarray(row.offset, end), at * length);
  });
  return target;
}

/** Where a sentence of the next batch comes from. */
export interface Origin {
  /** Index of the sentence in the tensors it comes from. */
  readonly index: number;
  /** Beam slots a sentence there; 0 means that its one row is repeated over all slots (it has just been encoded). */
  readonly beam: number;
}

/** The row that slot `slot` of a sentence comes from; undefined for a slot that did not exist. */
export function originRow({ index, beam }: Origin, slot: number): number | undefined {
  if (beam === 0) return index;
  return slot < beam ? index * beam + slot : undefined;
}

/** Number of elements in one row of a shape whose first axis is the rows. */
export function rowLength(shape: readonly number[]): number {
  return shape.slice(1).reduce((a, b) => a * b, 1);
}
