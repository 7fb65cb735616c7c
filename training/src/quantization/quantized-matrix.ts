import type { Matrix } from "../onnx/matrix.js";

/** A matrix in whole numbers: element (r, c) stands for `values[r, c] · scales[c]`. */
export interface QuantizedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Int8Array;
  /** One a column. */
  readonly scales: Float32Array;
}

/**
 * The largest whole number of a weight, 7 bits with its sign. Processors without VNNI add two products of an activation
 * (at most 255) and a weight in 16 bits, which saturates at 32,767: 2 · 255 · 63 stays below it, 2 · 255 · 127 does not.
 * So a bundle says the same on every processor.
 */
export const WEIGHT_LEVELS = 63;

/** Rounds each column to whole numbers from −`levels` to `levels`, the largest of the column being `levels`. */
export function quantizeColumns({ rows, columns, data }: Matrix, levels: number): QuantizedMatrix {
  const scales = new Float32Array(columns);
  for (let at = 0; at < data.length; at++) {
    const column = at % columns;
    scales[column] = Math.max(scales[column]!, Math.abs(data[at]!));
  }
  for (let column = 0; column < columns; column++) scales[column]! /= levels;
  // a column of zeros has the scale 0: 0 / 0 is written as 0
  const values = Int8Array.from(data, (value, at) => Math.round(value / scales[at % columns]!) || 0);
  return { rows, columns, values, scales };
}
