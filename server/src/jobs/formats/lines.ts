import type { TranslateWishes } from "../../gateway/validate.js";
import { invalidDocument } from "./text.js";
import type { CutDocument, Unit } from "./unit.js";

export interface Line {
  readonly text: string;
  /** Its line break; empty at the end of a text without one. */
  readonly end: string;
  /** The first is 1. */
  readonly number: number;
}

/** Characters; a longer one would be held in memory, and no text of it be translated. */
const LONGEST_LINE = 1_000_000;

/** The lines of a text that comes in pieces. @throws CarouselError INVALID_ARGUMENT naming a line that is too long */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<Line> {
  let rest = "";
  let number = 1;
  const bounded = (line: string) => {
    if (line.length <= LONGEST_LINE) return line;
    throw invalidDocument(`has more than ${LONGEST_LINE} characters in line ${number}`);
  };
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf("\n"); end >= 0; end = piece.indexOf("\n", from)) {
      const line = bounded(rest + piece.slice(from, end));
      const text = line.replace(/\r$/, "");
      yield { text, end: `${line.slice(text.length)}\n`, number };
      number++;
      [rest, from] = ["", end + 1];
    }
    rest = bounded(rest + piece.slice(from));
  }
  if (rest !== "") yield { text: rest, end: "", number };
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
      const { kept, behind, ...unit } = parsed(text, number);
      yield { lead: `${lead}${kept},"translation":"`, field: "json", ...unit };
      lead = `}${behind}${end}`;
    }
  }
  return lead;
};

interface ParsedLine extends Pick<Unit, "source" | "options"> {
  /** The object as it is written, up to its last brace; white space behind that. */
  readonly kept: string;
  readonly behind: string;
}

function parsed(line: string, number: number): ParsedLine {
  let object: unknown;
  try {
    object = JSON.parse(line);
  } catch {
    throw invalidDocument(`is not JSON in line ${number}`);
  }
  if (typeof object !== "object" || object === null || Array.isArray(object))
    throw invalidDocument(`holds no JSON object in line ${number}`);
  const { translation, error, ...rest } = object as Record<string, unknown>;
  const { text, options } = rest;
  if (typeof text !== "string") throw invalidDocument(`has no string "text" in line ${number}`);
  if (options !== undefined && (typeof options !== "object" || options === null || Array.isArray(options)))
    throw invalidDocument(`has "options" that are no object in line ${number}`);
  const isFresh = translation === undefined && error === undefined;
  // letter for letter, where nothing is to be taken out: numbers of 64 bits are not JavaScript's
  const written = isFresh ? line : JSON.stringify(rest);
  const brace = written.lastIndexOf("}");
  return {
    kept: written.slice(0, brace).trimEnd(),
    behind: written.slice(brace + 1),
    source: text,
    ...(options ? { options: options as TranslateWishes } : {}),
  };
}
