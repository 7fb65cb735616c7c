import type { Batch } from "../data/batch.js";

/** What a step of training runs. */
export interface PreparedBatch extends Batch {
  /** Mean metric of the sequences that were sampled, 0 to 100; absent when none were. */
  readonly reward?: number;
}

/** What the steps of a training minimize, where it is not the loss of the data as they are. */
export interface Objective {
  /**
   * What a step runs in place of a batch of the data. It follows from the batch, the parameters and the step alone, so that
   * a resumed training does the same.
   */
  prepare(batch: Batch, step: number): Promise<PreparedBatch>;
  /** Frees what it runs; the learner's own sessions are not its own. */
  release(): Promise<void>;
}
