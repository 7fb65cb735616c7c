import { createReadStream, type ReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";

/** Bytes that are not UTF-8, or two files that should have one line for each other's and do not. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** All of standard input as lines; a last line without a line break counts. @throws InputError when it is not UTF-8 */
export async function readStandardInput(): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return linesOf(Buffer.concat(chunks), "standard input");
}

/** @throws InputError when the file cannot be read or is not UTF-8 */
export async function readLines(path: string): Promise<string[]> {
  return linesOf(await readFile(path).catch(cannotRead(path)), path);
}

/** A file to be read in pieces. @throws InputError when there is none */
export async function openDocument(path: string): Promise<ReadStream> {
  const found = await stat(path).catch(cannotRead(path));
  if (found.isDirectory()) throw new InputError(`cannot read ${path}: it is a folder`);
  return createReadStream(path);
}

/** What a failure to read means. @throws InputError always */
export const cannotRead = (path: string) => (error: NodeJS.ErrnoException) => {
  throw new InputError(`cannot read ${path}: ${error.code === "ENOENT" ? "there is no such file" : error.message}`);
};

/** Sentences and their reference translations. @throws InputError when they are not as many, or none */
export async function readParallel(source: string, reference: string): Promise<Parallel> {
  const [sources, references] = [await readLines(source), await readLines(reference)];
  if (sources.length === references.length && sources.length > 0) return { sources, references };
  throw new InputError(
    `${source} has ${sources.length} lines, ${reference} has ${references.length}: they must be as many, and at least one`,
  );
}

interface Parallel {
  readonly sources: string[];
  readonly references: string[];
}

function linesOf(bytes: Uint8Array, name: string): string[] {
  if (bytes.length === 0) return [];
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${name} is not UTF-8`);
  }
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Writes to standard output and waits while the reader is slow. */
export async function write(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once("drain", resolve));
}
