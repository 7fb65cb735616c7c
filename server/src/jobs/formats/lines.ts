import { CarouselError } from "../../errors.js";
import type { TranslateWishes } from "../../gateway/validate.js";
import type { CutDocument, Unit } from "./unit.js";

interface Line {
  readonly text: string;
  /** Its line break; empty at the end of a text without one. */
  readonly end: string;
  /** The first is 1. */
  readonly number: number;
}

/** The lines of a text that comes in pieces. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<Line> {
  let rest = "";
  let number = 0;
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const text = line.replace(/\r$/, "");
      yield { text, end: `${line.slice(text.length)}\n`, number: ++number };
    }
  }
  if (rest !== "") yield { text: rest, end: "", number: ++number };
}

/** Lines that are there already. */
export async function* unitsOfLines(lines: readonly string[]): AsyncGenerator<Unit, string> {
  for (const [k, source] of lines.entries()) yield { lead: k === 0 ? "" : "\n", source, field: "line" };
  return "\n";
}

/** One text a line, one translation a line. */
export const cutLines: CutDocument = async function* (pieces) {
  let lead = "";
  for await (const { text, end } of linesOf(pieces)) {
    yield { lead, source: text, field: "line" };
    lead = end;
  }
  return lead;
};

/** Tab-separated values: the last column is translated, its translation is a column more. */
export const cutTsv: CutDocument = async function* (pieces) {
  let lead = "";
  for await (const { text, end } of linesOf(pieces)) {
    yield { lead: `${lead}${text}\t`, source: text.slice(text.lastIndexOf("\t") + 1), field: "tsv" };
    lead = end;
  }
  return lead;
};

/** A JSON object a line: `text` is translated into `translation`; `options` are of this line; all else is kept. */
export const cutJsonLines: CutDocument = async function* (pieces) {
  let lead = "";
  for await (const { text, end, number } of linesOf(pieces)) {
    if (text.trim() === "") lead += text + end;
    else {
      const { object, source, options } = parsed(text, number);
      yield {
        lead: `${lead}${JSON.stringify(object).slice(0, -1)},"translation":"`,
        source,
        field: "json",
        ...(options ? { options } : {}),
      };
      lead = `}${end}`;
    }
  }
  return lead;
};

function parsed(line: string, number: number): { object: object; source: string; options?: TranslateWishes } {
  let object: unknown;
  try {
    object = JSON.parse(line);
  } catch {
    throw invalid(number, "is not JSON");
  }
  if (typeof object !== "object" || object === null || Array.isArray(object))
    throw invalid(number, "is no JSON object");
  const { text, options, translation: _, error: __, ...rest } = object as Record<string, unknown>;
  if (typeof text !== "string") throw invalid(number, 'has no string "text"');
  if (options !== undefined && (typeof options !== "object" || options === null))
    throw invalid(number, '"options" is no object');
  return { object: { ...rest, text, ...(options ? { options } : {}) }, source: text, ...(options ? { options } : {}) };
}

function invalid(number: number, description: string): CarouselError {
  return new CarouselError("INVALID_ARGUMENT", `line ${number} ${description}`, {
    violations: [{ field: `line ${number}`, description }],
  });
}
