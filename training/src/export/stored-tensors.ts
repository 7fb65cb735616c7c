import proto from "onnx-proto";
import { numbersOf } from "../onnx/editable-model.js";

const { onnx } = proto;

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const { INT8 } = onnx.TensorProto.DataType;

/** What an ONNX model stores, by name: its initializers of type float32 and float16, or of int8 too, the latter two widened. */
export function storedTensors(model: Uint8Array, types: "floats" | "int8 too" = "floats"): Map<string, StoredTensor> {
  const { graph } = onnx.ModelProto.decode(model);
  const tensors = new Map<string, StoredTensor>();
  for (const tensor of graph?.initializer ?? []) {
    const { name, dims, rawData, dataType } = tensor;
    const isInt8 = types === "int8 too" && rawData && dataType === INT8;
    const data = isInt8 ? Float32Array.from(Int8Array.from(rawData)) : numbersOf(tensor);
    if (name && data) tensors.set(name, { shape: (dims ?? []).map(Number), data });
  }
  return tensors;
}
