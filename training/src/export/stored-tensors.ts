import proto from "onnx-proto";
import { fromFloat16 } from "../onnx/float16.js";

const { onnx } = proto;

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const { FLOAT, FLOAT16, INT8 } = onnx.TensorProto.DataType;

/** What an ONNX model stores, by name: its initializers of type float32 and float16, or of int8 too, the latter two widened. */
export function storedTensors(model: Uint8Array, types: "floats" | "int8 too" = "floats"): Map<string, StoredTensor> {
  const { graph } = onnx.ModelProto.decode(model);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dataType, dims, rawData } of graph?.initializer ?? []) {
    if (types === "floats" && dataType === INT8) continue;
    const data = rawData && widened(rawData, dataType ?? 0);
    if (name && data) tensors.set(name, { shape: (dims ?? []).map(Number), data });
  }
  return tensors;
}

function widened(rawData: Uint8Array, dataType: number): Float32Array | undefined {
  // a copy: the bytes may begin anywhere, numbers may not
  const bytes = Uint8Array.from(rawData).buffer;
  if (dataType === FLOAT) return new Float32Array(bytes);
  if (dataType === FLOAT16) return fromFloat16(new Uint16Array(bytes));
  return dataType === INT8 ? Float32Array.from(new Int8Array(bytes)) : undefined;
}
