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
  /** What states are computed in; they come and go as float32, as the memory does. float32 when absent. */
  readonly dtype?: DType;
  /** V. */
  readonly vocabulary: number;
  /** Whether logits of some columns of the vocabulary can be had alone. */
  readonly shortlist?: "taken";
  /** What does not change from step to step; made once, outside the loop. */
  prepare(g: Graph, memory: readonly Value[], sizes: RunSizes): Prepared;
  /** token int64 [R], states [R, …] → logits, next states [R, …], attention [N, B, S] if there is one. */
  step(b: Graph, inputs: StepInputs<Prepared>): Stepped;
}

/** Of one run: sizes, N and B being int64 scalars, and columns of the output layer. */
export interface RunSizes {
  /** int64 [N]; absent where there is no source. */
  readonly sourceLength: Value | undefined;
  readonly sentences: Value;
  readonly beam: Value;
  /** int64 [C]: tokens whose logits may be wanted alone; present where the decoder can give them. */
  readonly columns?: Value | undefined;
}

/** Logits are made in the branch that wants them. */
export interface Stepped {
  /** Of all the vocabulary, float32 [R, V]. */
  readonly logits: (b: Graph) => Value;
  /** Of the columns that were prepared, float32 [R, C]. */
  readonly columnLogits?: (b: Graph) => Value;
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
