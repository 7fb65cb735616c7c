import { SPECIAL } from "../data/special.js";
import type { NamedParameters } from "../trainer/parameters.js";

/** Low enough to be never chosen, and within the range of fp16. */
export const NEVER = -60_000;

/** What a decoder answers nothing with. For connectionist temporal classification the padding is the blank, and no answer ends. */
export const SUPPRESSED = {
  decoder: [SPECIAL.pad, SPECIAL.bos],
  frames: [SPECIAL.bos, SPECIAL.eos],
} as const;

/** Parameters whose output bias rules out tokens that are no answer to anything. */
export function withoutSuppressed(
  parameters: NamedParameters,
  tokens: readonly number[] = SUPPRESSED.decoder,
): NamedParameters {
  const bias = parameters.get("output.b");
  if (!bias) throw new Error("the model has no weight output.b");
  const data = bias.data.slice();
  for (const token of tokens) data[token] = NEVER;
  return new Map([...parameters, ["output.b", { shape: bias.shape, data }]]);
}
