import { CarouselError } from "../errors.js";
import { searchOptions } from "../gateway/validate.js";
import type { Document } from "../translation/inline/document.js";
import type { Translator } from "../translation/translator.js";
import { encodings, type Unit, type UnitResult } from "./formats/unit.js";
import type { TranslateUnits } from "./job-run.js";

/** A chunk may wait long behind interactive requests. */
const CHUNK_DEADLINE_MS = 10 * 60_000;
const WORTH_ANOTHER_TRY = new Set(["UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "CANCELLED"]);

/** Units of a batch job by way of the queue, behind all interactive requests. */
export function unitsBy(translator: Translator): TranslateUnits {
  return async (units, { model, options, signal }) => {
    const deadline = Date.now() + CHUNK_DEADLINE_MS;
    const translateUnit = async (unit: Unit): Promise<UnitResult> => {
      const own = unit.options ? searchOptions({ ...options, ...unit.options }) : options;
      const { translations } = await translator.translate({
        query: { model },
        texts: [textOf(unit)],
        options: own,
        priority: "batch",
        deadline,
        signal,
      });
      return { text: translations[0]!.hypotheses[0]!.text };
    };
    return Promise.all(units.map((unit) => translateUnit(unit).catch(errorOf)));
  };
}

function textOf({ source, markup = "xml" }: Unit): string | Document {
  return typeof source === "string" ? source : { pieces: [source], encode: encodings[markup] };
}

/** An error of the text itself becomes its result; any other one fails the chunk, which is tried again. */
function errorOf(error: unknown): UnitResult {
  if (error instanceof CarouselError && WORTH_ANOTHER_TRY.has(error.code)) throw error;
  return { error: error instanceof Error ? error.message : String(error) };
}
