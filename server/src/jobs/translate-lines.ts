import { CarouselError } from "../errors.js";
import type { Translator } from "../translation/translator.js";
import type { LineResult, TranslateLines } from "./batch-jobs.js";

/** A chunk may wait long behind interactive requests. */
const CHUNK_DEADLINE_MS = 10 * 60_000;
const WORTH_ANOTHER_TRY = new Set(["UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "CANCELLED"]);

/** Lines of a batch job by way of the queue, behind all interactive requests. */
export function linesBy(translator: Translator): TranslateLines {
  return async (lines, { model, options, signal }) => {
    const { translations } = await translator.translateEach({
      query: { model },
      texts: lines,
      options,
      priority: "batch",
      deadline: Date.now() + CHUNK_DEADLINE_MS,
      signal,
    });
    return Promise.all(translations.map((t) => t.then(({ hypotheses }) => ({ text: hypotheses[0]!.text }), lineError)));
  };
}

/** An error of the line itself becomes its result; any other one fails the chunk, which is tried again. */
function lineError(error: unknown): LineResult {
  if (error instanceof CarouselError && WORTH_ANOTHER_TRY.has(error.code)) throw error;
  return { error: error instanceof Error ? error.message : String(error) };
}
