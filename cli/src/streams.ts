import { createReadStream, type ReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { cannotRead, linesOf } from "@carousel/training/data/text";
import { InputError } from "./input-error.js";

/** All of standard input as lines. @throws DataError when it is not UTF-8 */
export async function readStandardInput(): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return linesOf(Buffer.concat(chunks), "standard input");
}

/** A file to be read in pieces. @throws DataError when there is none */
export async function openDocument(path: string): Promise<ReadStream> {
  const found = await stat(path).catch(cannotRead(path));
  if (found.isDirectory()) throw new InputError(`cannot read ${path}: it is a folder`);
  return createReadStream(path);
}

/** Writes to standard output and waits while the reader is slow. */
export async function write(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once("drain", resolve));
}

/** The same with a document as JSON. */
export function writeJson(document: unknown): Promise<void> {
  return write(`${JSON.stringify(document, null, 2)}\n`);
}
