import { isUtf8 } from "node:buffer";
import { CarouselError } from "../../errors.js";
import { type CutDocument, lengthOf, type Unit } from "./unit.js";

/** Characters that are held in memory for a unit to be cut out of them. */
const MOST_HELD = 32 * 2 ** 20;
/** Characters of a unit, and what stands before it: they are stored and read at once. */
const LARGEST_UNIT = 4 * 2 ** 20;
const AT_ONCE = "that are one text or stand before one; cut it into several";
const BYTE_ORDER_MARK = "\uFEFF";

/** Cuts a document that comes as bytes; a byte order mark stays in front of it. @throws CarouselError as the cut does */
export async function* cutBytes(
  bytes: AsyncIterable<Uint8Array>,
  [cut, languages]: readonly [CutDocument, Parameters<CutDocument>[1]],
): AsyncGenerator<Unit, string> {
  let mark = "";
  let held = 0;
  const unmarked = async function* () {
    let isFirst = true;
    for await (const piece of textOf(bytes)) {
      if (piece === "") continue;
      held += piece.length;
      if (held > MOST_HELD) throw invalidDocument(`has more than ${MOST_HELD} characters ${AT_ONCE}`);
      if (isFirst && piece.startsWith(BYTE_ORDER_MARK)) mark = BYTE_ORDER_MARK;
      yield isFirst ? piece.slice(mark.length) : piece;
      isFirst = false;
    }
  };
  const units = cut(unmarked(), languages);
  let next = await units.next();
  for (; !next.done; next = await units.next()) {
    yield boundedUnit({ ...next.value, lead: mark + next.value.lead });
    [mark, held] = ["", 0];
  }
  requireBounded(next.value.length);
  return mark + next.value;
}

/** @throws CarouselError INVALID_ARGUMENT naming the line that is not UTF-8 */
async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let line = 1;
  for await (const piece of bytes) {
    let text: string;
    try {
      text = decoder.decode(piece, { stream: true });
    } catch {
      throw invalidDocument(`is not UTF-8 in line ${line + linesBefore(piece)}`);
    }
    line += text.split("\n").length - 1;
    yield text;
  }
  try {
    yield decoder.decode();
  } catch {
    throw invalidDocument(`is not UTF-8 at its end, in line ${line}`);
  }
}

/** Lines in front of the first that is not UTF-8. */
function linesBefore(piece: Uint8Array): number {
  let [from, lines] = [0, 0];
  for (let end = piece.indexOf(10); end >= 0 && isUtf8(piece.subarray(from, end)); end = piece.indexOf(10, from)) {
    [from, lines] = [end + 1, lines + 1];
  }
  return lines;
}

function boundedUnit(unit: Unit): Unit {
  requireBounded(Math.max(unit.lead.length, lengthOf(unit)));
  return unit;
}

function requireBounded(characters: number): void {
  if (characters > LARGEST_UNIT) throw invalidDocument(`has more than ${LARGEST_UNIT} characters ${AT_ONCE}`);
}

export async function wholeOf(pieces: AsyncIterable<string>): Promise<string> {
  let document = "";
  for await (const piece of pieces) document += piece;
  return document;
}

/** The text again, in pieces of so many characters, but for the last. */
export async function* inPieces(pieces: AsyncIterable<string>, size: number): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    rest += piece;
    let at = 0;
    for (; rest.length - at >= size; at += size) yield rest.slice(at, at + size);
    rest = rest.slice(at);
  }
  if (rest !== "") yield rest;
}

/** @returns the error that refuses a document for what is wrong with it */
export function invalidDocument(description: string): CarouselError {
  return new CarouselError("INVALID_ARGUMENT", `the document ${description}`, {
    violations: [{ field: "document", description }],
  });
}
