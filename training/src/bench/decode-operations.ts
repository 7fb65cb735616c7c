import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { operations } from "./train.js";

/**
 * Floating point operations of translating a sentence in the products the equations name: the forward part of `operations`,
 * the decoder's once for each hypothesis of the beam.
 * @param lengths tokens of source and target, eos included
 */
export function decodeOperations(
  config: Seq2SeqConfig,
  { source, target, beam }: { source: number; target: number; beam: number },
): number {
  const encoder = operations(config, { B: 1, S: source, T: 0 }) / 3;
  const decoder = operations(config, { B: 1, S: source, T: target }) / 3 - encoder;
  return encoder + beam * decoder;
}
