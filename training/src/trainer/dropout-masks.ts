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

/** A mask begins at one of so many places. */
const PLACES = 2 ** 20;
/** A row of masks grows by as much as this. */
const GROWTH = 2 ** 18;

/**
 * Draws the dropout masks of a step. Each is a stretch of one long random row, which is filled once for a rate: only where it
 * begins is drawn, so that a mask costs nothing. That follows from seed, step and input alone, so that a resumed training draws the same.
 */
export class DropoutMasks {
  private readonly rows = new Map<number, Float32Array>();

  constructor(
    private readonly specs: readonly DropoutSpec[],
    private readonly seed: number,
  ) {}

  /** Masks by input name, as views of the rows. */
  draw(at: MasksOf): Record<string, Tensor> {
    const masks = this.specs.map(({ input, rate }, k) => {
      const { start, end, shape } = this.placeOf(k, at);
      return [input, float32(this.row(rate, end).subarray(start, end), shape)] as const;
    });
    return Object.fromEntries(masks);
  }

  /** The masks of several steps as `takeStacked` wants them: the rows, and where in them each begins. */
  drawStacked(steps: readonly MasksOf[]): Record<string, Tensor> {
    const masks = this.specs.map(({ input, rate }, k) => {
      const places = steps.map((at) => this.placeOf(k, at));
      const row = this.row(rate, Math.max(...places.map(({ end }) => end)));
      return stacked(input, float32(row, [row.length]), places);
    });
    return Object.assign({}, ...masks);
  }

  private placeOf(k: number, { step, sizes }: MasksOf) {
    const shape = this.specs[k]!.shape.map((d) => (typeof d === "number" ? d : sizes[d]));
    const start = (mix(mix(mix(this.seed) ^ step) ^ k) >>> 0) % PLACES;
    return { shape, start, end: start + shape.reduce((a, b) => a * b, 1) };
  }

  /** Masks of a rate end to end, at least up to `end`. Longer ones begin as the shorter did. */
  private row(rate: number, end: number): Float32Array {
    const known = this.rows.get(rate);
    if (known && known.length >= end) return known;
    const row = new Float32Array(Math.ceil(Math.max(end, PLACES) / GROWTH) * GROWTH);
    fillMask(row, { rate, key: mix(this.seed) });
    this.rows.set(rate, row);
    return row;
  }
}

/**
 * Fills a mask of even length with 0 (probability `rate`, in steps of 1/65536) and 1/(1 − rate). Element i follows from key
 * and i: two elements share one hash of 32 bits.
 */
export function fillMask(mask: Float32Array, { rate, key }: { rate: number; key: number }): void {
  const threshold = Math.round(rate * 65536);
  const scale = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i += 2) {
    const x = mix((key + Math.imul(i, 0x9e3779b9)) | 0);
    mask[i] = (x & 0xffff) < threshold ? 0 : scale;
    mask[i + 1] = x >>> 16 < threshold ? 0 : scale;
  }
}
