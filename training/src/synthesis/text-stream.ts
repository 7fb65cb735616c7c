import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { DataError } from "../data/data-error.js";
import { cannotRead } from "../data/text.js";

const NEWLINE = 0x0a;

/**
 * The lines of a UTF-8 file, one after another, without their ends: those that data/text.ts reads, but the file is never
 * held whole. Throws DataError when it is missing or not UTF-8.
 */
export async function* streamLines(path: string): AsyncGenerator<string> {
  let number = 0;
  for await (const bytes of lineBytes(chunksOf(path))) {
    number++;
    const line = decode(bytes, { path, number });
    yield number === 1 ? line.replace(/^\uFEFF/, "") : line;
  }
}

/** What identifies a text. */
export interface TextIdentity {
  readonly lines: number;
  readonly sha256: string;
}

/** Reads a text through once. Throws DataError when it is missing, empty or not UTF-8. */
export async function identify(path: string): Promise<TextIdentity> {
  const hash = createHash("sha256");
  async function* hashed() {
    for await (const chunk of chunksOf(path)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  let lines = 0;
  for await (const bytes of lineBytes(hashed())) decode(bytes, { path, number: ++lines });
  if (lines === 0) throw new DataError(`${path} is empty`);
  return { lines, sha256: hash.digest("hex") };
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (error) {
    cannotRead(path)(error);
  }
}

async function* lineBytes(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield rest;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer, { path, number }: { path: string; number: number }): string {
  try {
    return utf8.decode(bytes).replace(/\r$/, "");
  } catch {
    throw new DataError(`${path} is not valid UTF-8 (line ${number})`);
  }
}
