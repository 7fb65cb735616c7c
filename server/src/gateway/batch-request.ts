import type { BatchFormat } from "../jobs/formats/index.js";
import { unitsOfLines } from "../jobs/formats/lines.js";
import type { DocumentForm } from "../jobs/formats/unit.js";
import type { NewBatch } from "../jobs/intake.js";
import type { Webhook } from "../jobs/webhooks/webhook.js";
import type { Share } from "../queue/share.js";
import type { ModelQuery } from "./model-catalog.js";
import type { Services } from "./services.js";
import { checkTexts, LIMITS, searchOptions, type TranslateWishes, whole } from "./validate.js";

/** Lines of one call; the message limit is met sooner by long ones. */
const MOST_LINES = 100_000;

/** What a caller wants to be made a job; "" and undefined mean the default. */
export interface BatchRequest {
  readonly query: ModelQuery;
  readonly options?: TranslateWishes | undefined;
  /** Whose the call is. */
  readonly share: Share;
  readonly format?: BatchFormat | undefined;
  readonly key?: string | undefined;
  readonly retentionSeconds?: number | undefined;
  readonly webhook?: Webhook | undefined;
  readonly outputUri?: string | undefined;
  readonly outputForm?: DocumentForm | undefined;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
  /** Lines, a document that comes with the call, or the name of one that is elsewhere. */
  readonly input:
    | { readonly texts: readonly string[] }
    | { readonly bytes: AsyncIterable<Uint8Array> }
    | { readonly uri: string };
}

/** A request that is valid by construction. @throws CarouselError INVALID_ARGUMENT, NOT_FOUND */
export async function newBatch({ catalog, cutter, jobs }: Services, request: BatchRequest): Promise<NewBatch> {
  const { input, signal, format = "lines", key, retentionSeconds, webhook, outputUri, outputForm = "same" } = request;
  if ("texts" in input) checkTexts(input.texts, MOST_LINES);
  if (retentionSeconds !== undefined) {
    whole("retention_seconds", retentionSeconds, { min: 0, max: LIMITS.retentionSeconds });
  }
  const model = await catalog.resolve({ ...request.query, task: "translation" });
  const languages = { source: model.sourceLanguage ?? "en", target: model.targetLanguage };
  const settings = {
    model: request.query.model || model.name, // it may name a version
    options: searchOptions(request.options),
    share: request.share,
    format,
    key: key || undefined,
    retainMs: retentionSeconds === undefined ? undefined : 1000 * retentionSeconds,
    webhook: webhook && jobs.checkWebhook(webhook),
    output: outputUri ? { uri: jobs.checkOutput(outputUri), form: outputForm } : undefined,
  };
  if ("texts" in input) return { ...settings, units: unitsOfLines(input.texts) };
  const bytes = "uri" in input ? await jobs.readInput(input.uri) : input.bytes;
  return { ...settings, units: cutter.cut(bytes, { format, languages, signal }) };
}
