import { SPECIAL } from "../data/special.js";
import type { NamedParameters } from "../trainer/parameters.js";

/** Low enough to be never chosen, and within the range of fp16. */
const NEVER = -60_000;

/** Parameters whose output bias rules out pad and bos, which are no answer to anything. */
export function withoutSuppressed(parameters: NamedParameters): NamedParameters {
  const bias = parameters.get("output.b");
  if (!bias) throw new Error("the model has no weight output.b");
  const data = bias.data.slice();
  data[SPECIAL.pad] = NEVER;
  data[SPECIAL.bos] = NEVER;
  return new Map([...parameters, ["output.b", { shape: bias.shape, data }]]);
}
