import { isUtf8 } from "node:buffer";
import { CarouselError } from "../../errors.js";
import type { CutDocument, Unit } from "./unit.js";

/** Characters of a document of a format that is a tree, and held in memory while it is cut. */
const LARGEST_TREE = 32 * 2 ** 20;
const BYTE_ORDER_MARK = "\uFEFF";

/** Cuts a document that comes as bytes; a byte order mark stays in front of it. @throws CarouselError as the cut does */
export async function* cutBytes(
  bytes: AsyncIterable<Uint8Array>,
  [cut, languages]: readonly [CutDocument, Parameters<CutDocument>[1]],
): AsyncGenerator<Unit, string> {
  let mark = "";
  const unmarked = async function* () {
    let isFirst = true;
    for await (const piece of textOf(bytes)) {
      if (piece === "") continue;
      if (isFirst && piece.startsWith(BYTE_ORDER_MARK)) mark = BYTE_ORDER_MARK;
      yield isFirst ? piece.slice(mark.length) : piece;
      isFirst = false;
    }
  };
  const units = cut(unmarked(), languages);
  let next = await units.next();
  if (!next.done) {
    yield { ...next.value, lead: mark + next.value.lead };
    for (next = await units.next(); !next.done; next = await units.next()) yield next.value;
    return next.value;
  }
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

/** @throws CarouselError INVALID_ARGUMENT when it is too large to be held in memory */
export async function wholeOf(pieces: AsyncIterable<string>): Promise<string> {
  let document = "";
  for await (const piece of pieces) {
    document += piece;
    if (document.length > LARGEST_TREE) {
      throw invalidDocument(`has more than ${LARGEST_TREE} characters, the most of its format; cut it into several`);
    }
  }
  return document;
}

/** @returns the error that refuses a document for what is wrong with it */
export function invalidDocument(description: string): CarouselError {
  return new CarouselError("INVALID_ARGUMENT", `the document ${description}`, {
    violations: [{ field: "document", description }],
  });
}
