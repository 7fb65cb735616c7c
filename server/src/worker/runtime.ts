import * as ort from "onnxruntime-node";
import type { Device } from "../device.js";
import type { DeclaredTensor, GraphSession } from "./graph-session.js";
import type { Tensor, Tensors } from "./tensor.js";

/** The arithmetic of the server; no other file of it imports onnxruntime-node, and the gateway never loads this one. */
export interface SessionOptions {
  readonly device: Device;
  /** Threads inside one operator. */
  readonly threads: number;
  /**
   * When absent: all on a CPU, extended on a GPU. With all, ONNX Runtime 1.30 crashes over an LSTM operator in float16; what it
   * does beyond extended is for CPUs.
   */
  readonly optimization?: "all" | "extended" | "basic";
}

const ERRORS_ONLY = 3;

export class OnnxSession implements GraphSession {
  private constructor(private readonly session: ort.InferenceSession) {}

  /** @param model a path, or the bytes of a model. Throws the runtime's message when it is no valid model. */
  static async create(
    model: string | Uint8Array,
    { device, threads, optimization = device === "cuda" ? "extended" : "all" }: SessionOptions,
  ): Promise<OnnxSession> {
    const options: ort.InferenceSession.SessionOptions = {
      executionProviders: device === "cuda" ? ["cuda", "cpu"] : ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: ERRORS_ONLY,
      graphOptimizationLevel: optimization,
      // idle threads that spin would take the cores of the gateway and of other engines
      extra: { session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } },
    };
    const session =
      typeof model === "string"
        ? await ort.InferenceSession.create(model, options)
        : await ort.InferenceSession.create(model, options);
    return new OnnxSession(session);
  }

  get inputs(): DeclaredTensor[] {
    return this.session.inputMetadata.map(declared);
  }

  get outputs(): DeclaredTensor[] {
    return this.session.outputMetadata.map(declared);
  }

  /** Blocks the event loop while it computes. */
  async run(feeds: Tensors, outputs: readonly string[]): Promise<Tensors> {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, toOrt(t)]));
    const results = await this.session.run(inputs, [...outputs]);
    return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, fromOrt(name, t as ort.Tensor)]));
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function toOrt(tensor: Tensor): ort.Tensor {
  return tensor.dtype === "float32"
    ? new ort.Tensor("float32", tensor.data, tensor.shape)
    : new ort.Tensor("int64", tensor.data, tensor.shape);
}

function fromOrt(name: string, tensor: ort.Tensor): Tensor {
  const shape = tensor.dims;
  if (tensor.type === "float32") return { dtype: "float32", shape, data: tensor.data as Float32Array };
  if (tensor.type === "int64") return { dtype: "int64", shape, data: tensor.data as BigInt64Array };
  throw new TypeError(`the output ${name} is of type ${tensor.type}; float32 and int64 are allowed`);
}

function declared(value: ort.InferenceSession.ValueMetadata): DeclaredTensor {
  return value.isTensor
    ? { name: value.name, dtype: value.type, shape: [...value.shape] }
    : { name: value.name, dtype: "not a tensor", shape: [] };
}
