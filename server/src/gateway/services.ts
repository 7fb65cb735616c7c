import type { Generator } from "../generation/generator.js";
import type { Glossaries } from "../glossaries/glossaries.js";
import type { BatchJobs } from "../jobs/batch-jobs.js";
import type { DocumentCutter } from "../jobs/document-cutter.js";
import type { Metrics } from "../observability/metrics.js";
import type { Scorer } from "../translation/scorer.js";
import type { Translator } from "../translation/translator.js";
import type { ApiKeys } from "./api-keys.js";
import type { ModelCatalog } from "./model-catalog.js";

/** What the protocol adapters call. */
export interface Services {
  readonly translator: Translator;
  readonly scorer: Scorer;
  readonly generator: Generator;
  readonly catalog: ModelCatalog;
  readonly glossaries: Glossaries;
  readonly jobs: BatchJobs;
  readonly cutter: DocumentCutter;
  readonly apiKeys: ApiKeys;
  readonly metrics: Metrics;
  /** What waits for a worker: segments in the embedded queue, jobs of up to 32 segments over Redis. */
  queueDepth(): Promise<number>;
  /** Resolves when calls can be answered. @throws CarouselError UNAVAILABLE */
  ready(): Promise<void>;
}
