import type { CtcConfig } from "../models/ctc.js";
import { type EncoderConfig, memoryWidth } from "../models/encoder.js";
import type { Seq2SeqConfig } from "../models/seq2seq.js";

/**
 * Floating point operations of one step in the products the equations name, forward and backward (which has two products
 * for each of the forward pass): gates, attention, readout, projection. Elementwise work does not count.
 */
export function operations(c: Seq2SeqConfig, { B, S, T }: { B: number; S: number; T: number }): number {
  const M = memoryWidth(c);
  const H = c.decoder.hidden;
  const readout = c.tieEmbeddings ? c.embedding : H;
  let decoder = gates(c.embedding, H) + (c.decoder.layers - 1) * gates(H, H);
  if (c.inputFeeding) decoder += 4 * H * readout;
  decoder += (M + H) * readout + readout * c.targetVocabulary + S * (H + M);
  const keys = c.attention === "dot" ? 0 : M * H;
  return 3 * 2 * B * (S * (encoderProducts(c) + keys) + T * decoder);
}

/** The same of a sentence's forward pass through a network that says all tokens at once; S tokens of source, eos included. */
export function ctcOperations(c: CtcConfig, { S }: { S: number }): number {
  const M = memoryWidth(c);
  const frame = M * M + c.layersAfter * directionsOf(c) * gates(M, c.encoder.hidden) + M * c.targetVocabulary;
  return 2 * S * (encoderProducts(c) + c.upsample * frame);
}

/** Multiplications of a source token in the encoder. */
function encoderProducts(c: EncoderConfig): number {
  const { layers, hidden } = c.encoder;
  const above = (layers - 1) * gates(memoryWidth(c), hidden);
  return directionsOf(c) * (gates(c.embedding, hidden) + above);
}

function gates(input: number, hidden: number): number {
  return 4 * hidden * (input + hidden);
}

function directionsOf({ encoder }: EncoderConfig): number {
  return encoder.bidirectional ? 2 : 1;
}
