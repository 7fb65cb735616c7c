import type { Batch } from "../data/batch.js";
import { type Feeds, float32, type Tensor } from "../onnx/runtime.js";
import type { StateSpec } from "./train-graph.js";

/** The recurrent state that a training carries from batch to batch. Of a model that carries none it is empty. */
export class CarriedState {
  /** By name, live: what a checkpoint keeps. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
  /** Where a run writes the state after its batches. */
  readonly fetches: Readonly<Record<string, Tensor>>;
  private readonly now: Feeds;

  /** @param rows of every batch */
  constructor(specs: readonly StateSpec[], rows: number) {
    const shapes = specs.map(({ name, shape }) => ({ name, shape: shape.map((d) => (d === "B" ? rows : Number(d))) }));
    const zeros = (prefix: string) =>
      Object.fromEntries(
        shapes.map(({ name, shape }) => [
          prefix + name,
          float32(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape),
        ]),
      );
    this.now = zeros("");
    this.fetches = zeros("next.");
    this.arrays = Object.fromEntries(Object.entries(this.now).map(([name, t]) => [name, t.data as Float32Array]));
  }

  /** The state that a batch begins in. */
  feeds(batch: Pick<Batch, "continues">): Feeds {
    if (!batch.continues) for (const array of Object.values(this.arrays)) array.fill(0);
    return this.now;
  }

  /** Takes over what the last run has written. */
  advance(): void {
    for (const [name, array] of Object.entries(this.arrays)) {
      array.set(this.fetches[`next.${name}`]!.data as Float32Array);
    }
  }
}
