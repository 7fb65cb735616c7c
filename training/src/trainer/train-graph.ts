import type { BatchSizes, BatchSymbol } from "../data/batch.js";
import type { OptimizerGraph } from "../optimizers/optimizer-graph.js";
import type { Random } from "../random.js";

/** One weight of a model. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Its first values, as many as the shape holds. */
  initialize(random: Random): Float32Array;
}

/** A size of a mask: a number, or one that differs from batch to batch. */
export type BatchDim = number | BatchSymbol;

/** A dropout mask that the trainer draws for every step: 0 with probability `rate`, otherwise 1/(1 − rate). */
export interface DropoutSpec {
  readonly input: string;
  readonly rate: number;
  readonly shape: readonly BatchDim[];
}

/** Recurrent state that goes from batch to batch; zero where a text begins. */
export interface StateSpec {
  readonly name: string;
  readonly shape: readonly BatchDim[];
}

/**
 * What a model gives to the trainer.
 *
 * Inputs of both graphs: each parameter by its name (float32), `source` int64 [S, B], `source_mask` float32 [S, B],
 * `target_in` int64 [T, B] (bos first), `target_out` int64 [T, B] (eos last), `target_mask` float32 [T, B], and
 * `loss_scale` float32 []. A language model has no `source` and `source_mask`.
 * Outputs of both: `loss` float32 [] (smoothed, summed over target tokens, × loss_scale) and `nll` float32 [] (sum over
 * target tokens, nats). Both take each carried state by its name, and give what it is after the batch as `next.<state>`.
 */
export interface TrainGraph {
  /** ONNX model: also takes the dropout masks, and gives `grad.<parameter>` of `loss` for each parameter. */
  readonly model: Uint8Array;
  /**
   * ONNX model without gradients and without dropout; also gives `accuracy` float32 [] (count of target tokens that had
   * the highest logit; for connectionist temporal classification, that the greedy output has in the same place). One that is teacher-forced also gives `predicted` int64 [T, B]: the
   * likeliest token of every place.
   */
  readonly evaluation: Uint8Array;
  readonly parameters: readonly ParameterSpec[];
  /** Bytes that `model` holds at once for a batch, beside its inputs and outputs; unknown when absent. */
  readonly activationBytes?: (sizes: BatchSizes) => number;
  /** The same of `evaluation`. */
  readonly evaluationBytes?: (sizes: BatchSizes) => number;
  readonly dropouts: readonly DropoutSpec[];
  readonly states: readonly StateSpec[];
  /** The graph that makes several steps in one run, the optimizer's part included; see `severalSteps`. */
  severalSteps(options: { readonly optimizer: OptimizerGraph; readonly clipNorm: number }): Uint8Array;
}
