import { toFloat16 } from "./float16.js";
import type { DType } from "./value.js";

export type TensorData = Float32Array | BigInt64Array | Uint8Array | Int8Array | Int32Array | Uint16Array;

/** Numbers as ONNX keeps them. */
export function typedArray(data: readonly number[], dtype: DType): TensorData {
  switch (dtype) {
    case "int64":
      return BigInt64Array.from(data, (x) => BigInt(x));
    case "int32":
      return Int32Array.from(data);
    case "bool":
    case "uint8":
      return Uint8Array.from(data);
    case "float16":
      return toFloat16(Float32Array.from(data));
    default:
      return Float32Array.from(data);
  }
}
