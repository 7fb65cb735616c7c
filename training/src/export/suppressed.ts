import { EOS, SPECIAL } from "../data/special.js";
import { BLANK } from "../objectives/ctc.js";
import type { NamedParameters } from "../trainer/parameters.js";

/** Low enough to be never chosen, and within the range of fp16. */
export const NEVER = -60_000;

/** Where a model of a kind, as a manifest's architecture names it, says its tokens: a decoder one a step, ctc in frames. */
export function outputOf(kind: unknown): keyof typeof SILENT {
  return kind === "ctc" ? "frames" : "decoder";
}

/** What is said where there is nothing to say. */
export const SILENT = { decoder: EOS, frames: BLANK } as const;

/** What nothing is answered with. The padding is the blank of frames, and no answer of theirs ends. */
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
