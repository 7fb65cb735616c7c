import type { Manifest } from "@carousel/bundle";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { ctcConfigOfBundle, seq2seqConfigOfBundle } from "./bench-recipe.js";
import { ctcOperations, operations } from "./operations.js";

/** Tokens of source and target, eos included, and hypotheses of the beam. */
interface Search {
  readonly source: number;
  readonly target: number;
  readonly beam: number;
}

/**
 * Floating point operations of translating a sentence with a bundle, in the products the equations name. A network that says
 * all tokens at once costs the same whatever the beam.
 * @throws RecipeError when the bundle does not say what its network is
 */
export function decodeOperationsOf(manifest: Manifest): (search: Search) => number {
  if (manifest.architecture.kind === "ctc") {
    const config = ctcConfigOfBundle(manifest);
    return ({ source }) => ctcOperations(config, { S: source });
  }
  const config = seq2seqConfigOfBundle(manifest);
  return (search) => decodeOperations(config, search);
}

/** The forward part of `operations`, the decoder's once for each hypothesis of the beam. */
export function decodeOperations(config: Seq2SeqConfig, { source, target, beam }: Search): number {
  const encoder = operations(config, { B: 1, S: source, T: 0 }) / 3;
  const decoder = operations(config, { B: 1, S: source, T: target }) / 3 - encoder;
  return encoder + beam * decoder;
}
