/** What training tells while it runs. Times are seconds of training, resumed runs together. */
export type TrainingEvent = StepEvent | ValidationEvent | NoteEvent;

export interface StepEvent {
  readonly kind: "step";
  readonly step: number;
  /** The first is 1. */
  readonly epoch: number;
  /** What is minimized, a target token, nats. */
  readonly loss: number;
  /** Of the training batch, without smoothing; NaN when what is minimized is not about the batch's own tokens. */
  readonly perplexity: number;
  /** Mean metric of sampled sequences, 0 to 100, when that is what is raised. */
  readonly reward?: number;
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly targetTokens: number;
  /** When the run of the engine that made the step had ended: the same for all its steps. */
  readonly seconds: number;
  /** Until the first of the recipe's limits. */
  readonly secondsLeft: number;
}

export interface ValidationEvent {
  readonly kind: "validation";
  readonly step: number;
  readonly epoch: number;
  /** Nats a target token. */
  readonly loss: number;
  readonly perplexity: number;
  readonly accuracy: number;
  /** Of greedy translations; absent when nothing translates. */
  readonly bleu?: number;
  readonly isBest: boolean;
  readonly seconds: number;
}

export interface NoteEvent {
  readonly kind: "note";
  readonly message: string;
}

export type OnProgress = (event: TrainingEvent) => void;
