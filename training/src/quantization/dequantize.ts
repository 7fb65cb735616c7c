import type { StoredTensor } from "../export/stored-tensors.js";
import { matrixKeys, partsOfStacked, storedUnder } from "./keys.js";

/** Names that bundles had for all constants, when they did not say which weight is which. */
const NAMELESS = /^constant_q\d+$/;

/**
 * The weights of a quantized ONNX model, by name, as float32: what int8 and scales stand for, and what was left as it was. None of a model of
 * before, which does not say which is which.
 * @param stored its initializers, by name
 */
export function dequantized(stored: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> {
  const weights = new Map<string, StoredTensor>();
  for (const [key, tensor] of stored) {
    if (NAMELESS.test(key)) return new Map();
    const { kind, name } = storedUnder(key);
    if (kind === "columns" || kind === "rows") {
      const matrix = scaled(tensor, { kind, name, stored });
      for (const [part, weight] of unstacked(name, matrix)) weights.set(part, weight);
    } else if (kind === "vector" && tensor.shape.length > 0) weights.set(name, tensor);
  }
  return weights;
}

function scaled(
  { shape, data }: StoredTensor,
  { kind, name, stored }: { kind: "columns" | "rows"; name: string; stored: ReadonlyMap<string, StoredTensor> },
): StoredTensor {
  const scales = stored.get(matrixKeys(name)[kind].scales)!.data;
  const columns = shape[1]!;
  const scaleAt = (at: number) => scales[kind === "columns" ? at % columns : Math.floor(at / columns)]!;
  return { shape, data: Float32Array.from(data, (value, at) => value * scaleAt(at)) };
}

/** The matrices that lie one over the other in one. */
function unstacked(name: string, { shape, data }: StoredTensor): [string, StoredTensor][] {
  const columns = shape[1]!;
  let from = 0;
  return (partsOfStacked(name) ?? [{ name, rows: shape[0]! }]).map((part) => {
    const start = from;
    from += part.rows * columns;
    return [part.name, { shape: [part.rows, columns], data: data.slice(start, from) }];
  });
}
