import type { Graph } from "../onnx/graph.js";
import type { Dim, DType, Value } from "../onnx/value.js";

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly Dim[];
}

/**
 * One step of a decoder for inference; the search wraps a loop around it and asks nothing else of it.
 * N sentences, B beam slots each, R = N·B rows, S source tokens, V target vocabulary.
 */
export interface DecoderStep<Prepared> {
  /** Graph inputs, one a sentence: ["N", "S", …]. */
  readonly memory: readonly NamedShape[];
  /** Recurrent state, one a row: ["R", …]. */
  readonly states: readonly NamedShape[];
  /** What memory and states are computed in; they come and go as float32, which it is when absent. */
  readonly dtype?: DType;
  /** V. */
  readonly vocabulary: number;
  /** What does not change from step to step; made once, outside the loop. */
  prepare(g: Graph, memory: readonly Value[], sizes: RunSizes): Prepared;
  /** token int64 [R], states [R, …] → logits float32 [R, V], next states, attention [N, B, S] if there is one. */
  step(b: Graph, inputs: StepInputs<Prepared>): Stepped;
}

/** Sizes of one run; N and B are int64 scalars. */
export interface RunSizes {
  /** int64 [N]; absent where there is no source. */
  readonly sourceLength: Value | undefined;
  readonly sentences: Value;
  readonly beam: Value;
}

export interface Stepped {
  readonly logits: Value;
  /** [R, 1]: what a logit less it is a log-probability; ln Σ exp of the logits when absent. */
  readonly normalizer?: Value;
  readonly states: Value[];
  readonly attention?: Value;
}

export interface StepInputs<Prepared> {
  readonly token: Value;
  readonly states: readonly Value[];
  readonly prepared: Prepared;
  /** N and B, int64 scalars. */
  readonly sentences: Value;
  readonly beam: Value;
}
