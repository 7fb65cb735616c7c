import type { Random } from "../random.js";

/** First values of a weight of the given shape. */
export type Initialize = (random: Random, shape: readonly number[]) => Float32Array;

export const uniform =
  (limit: number): Initialize =>
  (random, shape) => {
    const values = new Float32Array(size(shape));
    for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * limit;
    return values;
  };

/** U(−1/√n, 1/√n), where n is the number of units that feed one unit. */
export const uniformFanIn = (n: number): Initialize => uniform(1 / Math.sqrt(n));

/** Glorot & Bengio 2010, for a matrix [in, out]. */
export const glorot: Initialize = (random, shape) => uniform(Math.sqrt(6 / (shape[0]! + shape.at(-1)!)))(random, shape);

export const zeros: Initialize = (_, shape) => new Float32Array(size(shape));

/** Biases of an LSTM's gates side by side: zero but for the forget gate, the second (1) in the order i, f, o, g. */
export const forgetBias =
  (hidden: number, value: number, gate = 1): Initialize =>
  (_, shape) =>
    new Float32Array(size(shape)).fill(value, gate * hidden, (gate + 1) * hidden);

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
