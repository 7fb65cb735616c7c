/** A dense tensor, row-major; what passes into and out of a graph. */
export type Tensor =
  | { readonly dtype: "float32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: "int64"; readonly shape: readonly number[]; readonly data: BigInt64Array };

export type Tensors = Readonly<Record<string, Tensor>>;

export function float32(data: Float32Array, shape: readonly number[]): Tensor {
  return { dtype: "float32", data, shape };
}

/** An int64 tensor of numbers that fit 32 bits, written as pairs of words: BigInts are slow to make. */
export function integers(values: ArrayLike<number>, shape: readonly number[]): Tensor {
  const words = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    words[2 * i] = value; // little-endian, as every platform of ONNX Runtime is
    words[2 * i + 1] = value < 0 ? -1 : 0;
  }
  return { dtype: "int64", data: new BigInt64Array(words.buffer), shape };
}

/** The numbers of a float32 tensor, not copied. @throws TypeError when it is absent or of another type */
export function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.dtype !== "float32") throw new TypeError(`expected a float32 tensor, got ${tensor?.dtype ?? "none"}`);
  return tensor.data;
}

/** The numbers of an int64 tensor, as 32 bits. @throws TypeError when it is absent or of another type */
export function integersOf(tensor: Tensor | undefined): Int32Array {
  if (tensor?.dtype !== "int64") throw new TypeError(`expected an int64 tensor, got ${tensor?.dtype ?? "none"}`);
  const words = new Int32Array(tensor.data.buffer, tensor.data.byteOffset, 2 * tensor.data.length);
  const values = new Int32Array(tensor.data.length);
  for (let i = 0; i < values.length; i++) values[i] = words[2 * i]!;
  return values;
}
