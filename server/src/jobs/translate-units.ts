import { readBySchema } from "@carousel/bundle/schema/read-by-schema";
import { z } from "zod";
import { CarouselError, invalid } from "../errors.js";
import { searchFields } from "../gateway/search-fields.js";
import { checkText, searchOptions, type TranslateWishes } from "../gateway/validate.js";
import type { Document } from "../translation/inline/document.js";
import type { Translator } from "../translation/translator.js";
import { encodings, type Unit, type UnitResult } from "./formats/unit.js";
import type { Postponed, TranslateUnits } from "./job-run.js";

/** A unit may wait long behind interactive requests. */
const DEADLINE_MS = 10 * 60_000;
const WORTH_ANOTHER_TRY = new Set(["UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "CANCELLED"]);

/** What a line may ask of the search for itself. */
const lineOptions = z.strictObject(searchFields);

/** Units of a batch job by way of the queue, behind all interactive requests. */
export function unitsBy(translator: Translator): TranslateUnits {
  return async (units, { id, model, options, share, signal }) => {
    const deadline = Date.now() + DEADLINE_MS;
    const translateUnit = async (unit: Unit): Promise<UnitResult> => {
      checkText(typeof unit.source === "string" ? unit.source : unit.source.text, "the text");
      const own = unit.options ? searchOptions({ ...options, ...checked(unit.options) }) : options;
      const { translations } = await translator.translate({
        query: { model },
        versionKey: id, // one version translates all of a job
        texts: [textOf(unit)],
        options: own,
        priority: "batch",
        ...(share ? { share } : {}),
        deadline,
        signal,
      });
      return { text: translations[0]!.hypotheses[0]!.text };
    };
    return Promise.all(units.map((unit) => translateUnit(unit).catch(errorOf)));
  };
}

function checked(wishes: unknown): TranslateWishes {
  const { data, faults } = readBySchema(lineOptions, wishes);
  return data ?? invalid(`options.${faults[0].field}`, faults[0].description);
}

function textOf({ source, markup = "xml" }: Unit): string | Document {
  return typeof source === "string" ? source : { pieces: [source], encode: encodings[markup] };
}

/** An error of the text itself becomes its result. */
function errorOf(error: unknown): UnitResult | Postponed {
  if (error instanceof CarouselError) {
    const isNotServedNow = error.details.reason === "MODEL_NOT_FOUND";
    if (isNotServedNow || WORTH_ANOTHER_TRY.has(error.code)) return { postponed: error };
  }
  return { error: error instanceof Error ? error.message : String(error) };
}
