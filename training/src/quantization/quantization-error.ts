/** A bundle that cannot be quantized. */
export class QuantizationError extends Error {
  override readonly name = "QuantizationError";
}
