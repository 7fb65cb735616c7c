import { floats, int64s, type Tensor } from "../onnx/runtime.js";
import type { Batch } from "./batch.js";

/** The sentences of a batch as rows of ids, padding left out. */
export interface BatchRows {
  /** Each ends with eos. */
  readonly sources: number[][];
  /** Each ends with eos. */
  readonly targets: number[][];
}

export function rowsOf({ feeds }: Batch): BatchRows {
  return {
    sources: rows(feeds.source!, feeds.source_mask!),
    targets: rows(feeds.target_out!, feeds.target_mask!),
  };
}

/** Time-major ids [time, batch] where the mask is not 0. */
function rows(tensor: Tensor, maskTensor: Tensor): number[][] {
  const [ids, mask] = [int64s(tensor), floats(maskTensor)];
  const [time, batch] = tensor.dims as [number, number];
  return Array.from({ length: batch }, (_, b) => {
    const row: number[] = [];
    for (let t = 0; t < time; t++) if (mask[t * batch + b] !== 0) row.push(Number(ids[t * batch + b]));
    return row;
  });
}
