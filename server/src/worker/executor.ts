import { type Advanced, type AdvanceRequest, type LoadedModel, RunningBatch } from "./running-batch.js";

/** Names a running batch; a batch that is named for the first time is empty. */
export interface BatchName {
  readonly model: string;
  readonly batch: string;
}

/** Runs decoders: an engine thread in production, this process in tests. */
export interface Executor {
  /** Rejects when a graph fails; the batch is then of no more use until `keep` is empty. */
  advance(name: BatchName, request: AdvanceRequest): Promise<Advanced>;
  close(): Promise<void>;
}

/** Running batches of several models. */
export class LocalExecutor implements Executor {
  private readonly batches = new Map<string, RunningBatch>();

  constructor(private readonly models: ReadonlyMap<string, LoadedModel>) {}

  advance({ model, batch }: BatchName, request: AdvanceRequest): Promise<Advanced> {
    const key = `${model}/${batch}`;
    let running = this.batches.get(key);
    if (!running) {
      running = new RunningBatch(this.models.get(model)!);
      this.batches.set(key, running);
    }
    return running.advance(request);
  }

  async close(): Promise<void> {
    this.batches.clear();
  }
}
