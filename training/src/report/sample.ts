/** What a model said at some time of its training: a translation of a validation sentence, or a text that it made up. */
export interface Sample {
  /** The sentence that was translated, and how a person translated it. A language model has neither. */
  readonly source?: string;
  readonly reference?: string;
  readonly text: string;
  /** Absent when the model does not attend. */
  readonly alignment?: Alignment;
}

/** What each piece of a translation attended to. */
export interface Alignment {
  /** Pieces of the source, eos included. */
  readonly source: readonly string[];
  /** Pieces of the translation, eos included when it came. */
  readonly target: readonly string[];
  /** [target][source]; every row sums to 1, but for rounding. */
  readonly weights: readonly (readonly number[])[];
}
