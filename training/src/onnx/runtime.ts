import * as ort from "onnxruntime-node";

/** The arithmetic of the whole package; no other file of it imports onnxruntime-node. */
export type Tensor = ort.Tensor;
export type Feeds = Readonly<Record<string, Tensor>>;
/** Output tensors to be written in place, by name; null lets the runtime allocate one. */
export type Fetches = Readonly<Record<string, Tensor | null>>;

/** Where graphs run. */
export type Device = "cpu" | "cuda";

export interface SessionOptions {
  /** Threads inside one operator; all cores when absent. */
  readonly threads?: number | undefined;
  /** cpu when absent. */
  readonly device?: Device | undefined;
  /** all when absent. With that, ONNX Runtime 1.30 crashes over an LSTM operator in float16; with extended it does not. */
  readonly optimization?: "all" | "extended";
  /** How threads wait for the next operator: awake when absent, which is faster as long as nothing else wants their cores. */
  readonly waiting?: "awake" | "asleep";
}

/** The device that was asked for is not there, or ONNX Runtime has no support for it. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}

const ERRORS_ONLY = 3;
/**
 * MatMul and Add as one Gemm: it copies what is added into the result first, and the product then reads it back at every block. Gemm of a transposed
 * matrix in place of Transpose and Gemm: it turns a piece of the matrix anew for every block of the result.
 */
const SLOWER = "MatMulAddFusion;GemmTransposeFusion";

export class Session {
  constructor(private readonly session: ort.InferenceSession) {}

  get inputNames(): readonly string[] {
    return this.session.inputNames;
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

/**
 * A session over the bytes of an ONNX model. Throws the runtime's message when the model is not valid.
 * @throws DeviceError when the device is not to be had
 */
export async function createSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { threads, device = "cpu", optimization = "all", waiting } = options;
  const settings: ort.InferenceSession.SessionOptions = {
    logSeverityLevel: ERRORS_ONLY,
    graphOptimizationLevel: optimization,
    executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
    extra: {
      optimization: { disable_specified_optimizers: SLOWER },
      ...(waiting === "asleep" ? { session: { intra_op: { allow_spinning: "0" } } } : {}),
    },
    ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
  };
  try {
    return new Session(await ort.InferenceSession.create(model, settings));
  } catch (error) {
    if (device === "cpu" || !UNAVAILABLE.test((error as Error).message)) throw error;
    throw new DeviceError(
      `the device ${device} is not available (${(error as Error).message.split("\n")[0]}); ` +
        "it takes an NVIDIA card with its driver, and ONNX Runtime's CUDA libraries: docs/training.md says how, --device cpu does without",
    );
  }
}

/** What the runtime says when it was built without a provider, or cannot load its libraries. */
const UNAVAILABLE = /backend not found|no available backend|provider|libonnxruntime_providers|CUDA/i;

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
