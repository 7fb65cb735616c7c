import * as ort from "onnxruntime-node";

/** The arithmetic of the whole package; no other file of it imports onnxruntime-node. */
export type Tensor = ort.Tensor;
export type Feeds = Readonly<Record<string, Tensor>>;
/** Output tensors to be written in place, by name; null lets the runtime allocate one. */
export type Fetches = Readonly<Record<string, Tensor | null>>;

export interface SessionOptions {
  /** Threads inside one operator; all cores when absent. */
  readonly threads?: number;
}

const ERRORS_ONLY = 3;

export class Session {
  constructor(private readonly session: ort.InferenceSession) {}

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /** Runs the graph. It blocks the event loop while it computes; with `fetches` outputs land in the given tensors. */
  async run(feeds: Feeds, fetches?: Fetches | readonly string[]): Promise<Record<string, Tensor>> {
    const results = fetches ? await this.session.run(feeds, fetches) : await this.session.run(feeds);
    return results as Record<string, Tensor>;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** A session over the bytes of an ONNX model. Throws the runtime's message when the model is not valid. */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const session = await ort.InferenceSession.create(model, {
    logSeverityLevel: ERRORS_ONLY,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads, interOpNumThreads: 1 }),
  });
  return new Session(session);
}

interface TensorArrays {
  float32: Float32Array;
  int64: BigInt64Array;
  int32: Int32Array;
  bool: Uint8Array;
}

/** A tensor over `data`, not a copy of it. */
export function tensor<D extends keyof TensorArrays>(
  dtype: D,
  data: TensorArrays[D],
  shape: readonly number[],
): Tensor {
  return new ort.Tensor(dtype as "float32", data as Float32Array, shape);
}

/** A float32 tensor over `data`, not a copy of it. */
export function float32(data: Float32Array, shape: readonly number[]): Tensor {
  return tensor("float32", data, shape);
}

/** An int64 tensor over `data`, not a copy of it. */
export function int64(data: BigInt64Array, shape: readonly number[]): Tensor {
  return tensor("int64", data, shape);
}

/** An int64 tensor of ordinary numbers that fit 32 bits. Written as pairs of words: BigInts are slow to make. */
export function integers(values: ArrayLike<number>, shape: readonly number[]): Tensor {
  const words = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    words[2 * i] = value; // little-endian, as every platform of ONNX Runtime is
    words[2 * i + 1] = value < 0 ? -1 : 0;
  }
  return int64(new BigInt64Array(words.buffer), shape);
}

/** A float32 tensor of shape []. */
export function scalar(value: number): Tensor {
  return float32(Float32Array.of(value), []);
}

/** The numbers of a float32 tensor. Throws when the tensor is of another type. */
export function floats(tensor: Tensor): Float32Array {
  if (tensor.type !== "float32") throw new TypeError(`expected a float32 tensor, got ${tensor.type}`);
  return tensor.data as Float32Array;
}

/** The numbers of an int64 tensor. Throws when the tensor is of another type. */
export function int64s(tensor: Tensor): BigInt64Array {
  if (tensor.type !== "int64") throw new TypeError(`expected an int64 tensor, got ${tensor.type}`);
  return tensor.data as BigInt64Array;
}

/** Version of ONNX Runtime, such as 1.30.0. */
export const runtimeVersion: string = ort.env.versions.node ?? ort.env.versions.common;
