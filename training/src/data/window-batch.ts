import { float32, int64 } from "../onnx/runtime.js";
import type { Batch } from "./batch.js";
import { BOS, PAD } from "./special.js";

export interface Windows {
  /** Where each begins. What would lie behind the end of the text is padding. */
  readonly starts: readonly number[];
  /** Tokens of each. */
  readonly windowLength: number;
  /** What is read before their first token: bos, as where a generation begins, or the token before it. */
  readonly after: "bos" | "text";
}

/** Windows of a text as time-major tensors. */
export function windowBatch(tokens: Int32Array, { starts, windowLength, after }: Windows): Batch {
  const B = starts.length;
  const targetIn = new BigInt64Array(windowLength * B).fill(BigInt(PAD));
  const targetOut = new BigInt64Array(windowLength * B).fill(BigInt(PAD));
  const mask = new Float32Array(windowLength * B);
  let targetTokens = 0;
  for (const [b, start] of starts.entries()) {
    const length = Math.max(0, Math.min(windowLength, tokens.length - start));
    for (let t = 0; t < length; t++) {
      const at = t * B + b;
      targetIn[at] = BigInt(t === 0 && after === "bos" ? BOS : tokens[start + t - 1]!);
      targetOut[at] = BigInt(tokens[start + t]!);
      mask[at] = 1;
    }
    targetTokens += length;
  }
  const shape = [windowLength, B];
  return {
    feeds: {
      target_in: int64(targetIn, shape),
      target_out: int64(targetOut, shape),
      target_mask: float32(mask, shape),
    },
    sizes: { B, S: 0, T: windowLength },
    targetTokens,
  };
}
