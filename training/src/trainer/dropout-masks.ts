import type { BatchSizes } from "../data/batch.js";
import { float32, type Tensor } from "../onnx/runtime.js";
import { stacked } from "../onnx/stacked.js";
import { mix } from "../random.js";
import type { DropoutSpec } from "./train-graph.js";

/** What the masks of a step follow from. */
export interface MasksOf {
  readonly step: number;
  readonly sizes: BatchSizes;
}

/** Draws the dropout masks of a step. They follow from seed and step alone, so that a resumed training draws the same. */
export class DropoutMasks {
  private readonly buffers: Float32Array[];

  constructor(
    private readonly specs: readonly DropoutSpec[],
    private readonly seed: number,
  ) {
    this.buffers = specs.map(() => new Float32Array(0));
  }

  /** Masks by input name. They are valid until the next draw. */
  draw(at: MasksOf): Record<string, Tensor> {
    return this.drawn([at], (name, values, [shape]) => ({ [name]: float32(values, shape!) }));
  }

  /** The masks of several steps end to end, as `takeStacked` wants them. They are valid until the next draw. */
  drawStacked(steps: readonly MasksOf[]): Record<string, Tensor> {
    return this.drawn(steps, (name, values, shapes) => stacked(name, float32(values, [values.length]), shapes));
  }

  private drawn(
    steps: readonly MasksOf[],
    feeds: (name: string, values: Float32Array, shapes: readonly number[][]) => Record<string, Tensor>,
  ): Record<string, Tensor> {
    const all = this.specs.map(({ input, rate, shape }, k) => {
      const shapes = steps.map(({ sizes }) => shape.map((d) => (typeof d === "number" ? d : sizes[d])));
      const lengths = shapes.map((dims) => dims.reduce((a, b) => a * b, 1));
      const values = this.buffer(
        k,
        lengths.reduce((a, b) => a + b),
      );
      let start = 0;
      for (const [i, { step }] of steps.entries()) {
        const mask = values.subarray(start, start + lengths[i]!);
        fillMask(mask, { rate, key: mix(mix(mix(this.seed) ^ step) ^ k) });
        start += lengths[i]!;
      }
      return feeds(input, values, shapes);
    });
    return Object.assign({}, ...all);
  }

  private buffer(k: number, length: number): Float32Array {
    if (this.buffers[k]!.length < length) this.buffers[k] = new Float32Array(length);
    return this.buffers[k]!.subarray(0, length);
  }
}

/**
 * Fills a mask with 0 (probability `rate`, in steps of 1/65536) and 1/(1 − rate). Element i follows from key and i: two
 * elements share one hash of 32 bits. Without branches: which way they went would be a coin toss for the processor.
 */
export function fillMask(mask: Float32Array, { rate, key }: { rate: number; key: number }): void {
  const threshold = Math.round(rate * 65536);
  const scale = 1 / (1 - rate);
  const even = mask.length & ~1;
  for (let i = 0; i < even; i += 2) {
    let x = (key + Math.imul(i, 0x9e3779b9)) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    x ^= x >>> 15;
    mask[i] = (((threshold - 1 - (x & 0xffff)) >>> 31) | 0) * scale;
    mask[i + 1] = (((threshold - 1 - (x >>> 16)) >>> 31) | 0) * scale;
  }
  if (even < mask.length) mask[even] = (mix(key + Math.imul(even, 0x9e3779b9)) & 0xffff) < threshold ? 0 : scale;
}
