import { float32, type Tensor } from "../onnx/runtime.js";
import type { Random } from "../random.js";
import type { ParameterSpec } from "./train-graph.js";

interface Slot {
  readonly spec: ParameterSpec;
  readonly offset: number;
  readonly length: number;
}

/** Every parameter starts on a cache line. What lies between is zero and has zero gradients, so it stays zero. */
const ALIGNMENT = 16;

/** Where each parameter lies in one flat array. */
export class ParameterLayout {
  /** Length of the flat array. */
  readonly size: number;
  /** Number of parameters, without what is left free between them. */
  readonly count: number;
  private readonly slots: readonly Slot[];

  constructor(specs: readonly ParameterSpec[]) {
    let offset = 0;
    this.slots = specs.map((spec) => {
      const length = spec.shape.reduce((a, b) => a * b, 1);
      const slot = { spec, offset, length };
      offset += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
      return slot;
    });
    this.size = offset;
    this.count = this.slots.reduce((sum, s) => sum + s.length, 0);
  }

  /** A flat array of first values. */
  initialize(random: Random): Float32Array {
    const flat = new Float32Array(this.size);
    for (const { spec, offset, length } of this.slots) {
      const values = spec.initialize(random);
      if (values.length !== length) {
        throw new RangeError(`${spec.name}: initialize gave ${values.length} numbers for [${spec.shape.join(", ")}]`);
      }
      flat.set(values, offset);
    }
    return flat;
  }

  /** Views of the flat array as tensors, by `prefix` + parameter name. */
  tensors(flat: Float32Array, prefix = ""): Record<string, Tensor> {
    return Object.fromEntries(
      this.slots.map(({ spec, offset, length }) => [
        prefix + spec.name,
        float32(flat.subarray(offset, offset + length), spec.shape),
      ]),
    );
  }

  /** Views of the flat array by parameter name. */
  named(flat: Float32Array): NamedParameters {
    return new Map(
      this.slots.map(({ spec, offset, length }) => [
        spec.name,
        { shape: spec.shape, data: flat.subarray(offset, offset + length) },
      ]),
    );
  }
}

/** Trained weights by name. */
export type NamedParameters = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
