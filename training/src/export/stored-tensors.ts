import proto from "onnx-proto";
import { fromFloat16 } from "../onnx/float16.js";

const { onnx } = proto;

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The weights that an ONNX model stores, by name: its initializers of type float32 and float16, the latter widened. */
export function storedTensors(model: Uint8Array): Map<string, StoredTensor> {
  const { graph } = onnx.ModelProto.decode(model);
  const { FLOAT, FLOAT16 } = onnx.TensorProto.DataType;
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dataType, dims, rawData } of graph?.initializer ?? []) {
    if (!name || !rawData || (dataType !== FLOAT && dataType !== FLOAT16)) continue;
    // a copy: the bytes may begin anywhere, numbers may not
    const bytes = Uint8Array.from(rawData).buffer;
    const data = dataType === FLOAT ? new Float32Array(bytes) : fromFloat16(new Uint16Array(bytes));
    tensors.set(name, { shape: (dims ?? []).map(Number), data });
  }
  return tensors;
}
