const scratch = new Float32Array(1);
const bits = new Uint32Array(scratch.buffer);

/** IEEE 754 binary16 of each number, rounded to nearest, ties to even; beyond 65,504 is infinity. */
export function toFloat16(values: Float32Array): Uint16Array {
  // by a loop: `from` walks an iterator, which for a large model takes minutes
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = half(values[i]!);
  return halves;
}

function half(value: number): number {
  scratch[0] = value;
  const x = bits[0]!;
  const sign = (x >>> 16) & 0x8000;
  const exponent = (x >>> 23) & 0xff;
  const mantissa = x & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa ? 0x200 : 0);
  const shifted = exponent - 127 + 15;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted <= 0) {
    if (shifted < -10) return sign;
    return sign | roundEven(mantissa | 0x800000, 14 - shifted);
  }
  // a carry out of the mantissa rightly raises the exponent
  return sign | ((shifted << 10) + roundEven(mantissa, 13));
}

function roundEven(mantissa: number, shift: number): number {
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return kept + (rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0);
}

/** The numbers that binary16 values stand for. */
export function fromFloat16(values: Uint16Array): Float32Array {
  const wide = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) wide[i] = widened(values[i]!);
  return wide;
}

function widened(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >>> 10) & 0x1f;
  const mantissa = h & 0x3ff;
  if (exponent === 0x1f) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15));
}
