import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { DataError } from "./data-error.js";

/** Where a file of a recipe's data is: a relative name begins in its folder. */
export function pathIn(folder: string, file: string): string {
  return isAbsolute(file) ? file : join(folder, file);
}

/** The text of a UTF-8 file, without a byte order mark. Throws DataError when it is missing or not UTF-8. */
export async function readText(path: string): Promise<string> {
  return decoded(await readFile(path).catch(cannotRead(path)), path);
}

/** The lines of a UTF-8 file, without their ends. Throws DataError when it is missing or not UTF-8. */
export async function readLines(path: string): Promise<string[]> {
  return linesOf(await readFile(path).catch(cannotRead(path)), path);
}

/** The lines of a UTF-8 text, without their ends; a last one without a line break counts. Throws DataError by the text's name. */
export function linesOf(bytes: Uint8Array, name: string): string[] {
  const lines = decoded(bytes, name).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** What a failure to read means. Throws DataError, always. */
export const cannotRead = (path: string) => (error: unknown) => {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new DataError(`no such file: ${path}`);
  throw new DataError(`cannot read ${path}: ${whyUnreadable(error)}`);
};

/** What is wrong with a file that could not be read. */
export function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  return code === "EISDIR" ? "it is a folder" : `${code ?? error}`;
}

function decoded(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DataError(`${name} is not valid UTF-8 (line ${firstInvalidLine(bytes)})`);
  }
}

function firstInvalidLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start);
    const stop = end < 0 ? bytes.length : end + 1;
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop;
  }
  return line;
}
