import { appendFile, open, readFile, rename, rm, stat } from "node:fs/promises";

/**
 * Writes a file so that a reader sees all of it or what was there before, also after a crash.
 * @throws Error naming the file when it cannot be written; what was there before is then still there
 */
export async function writeAtomically(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.tmp`;
  await namingFile(path, async () => {
    try {
      await writeAll(temporary, chunks);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

/** @throws Error naming a file that is a folder, or is not there and cannot be made: before the work, and not after it */
export async function requireWritable(path: string): Promise<void> {
  await namingFile(path, async () => {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) throw new Error("it is a folder");
    if (there) return; // a pipe, say: who writes will see
    const temporary = `${path}.tmp`;
    await writeAll(temporary, []);
    await rm(temporary);
  });
}

async function writeAll(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, "w");
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Adds lines to a file that holds one JSON document a line. @throws Error naming the file */
export async function appendJsonLines(path: string, documents: readonly unknown[]): Promise<void> {
  if (documents.length > 0) await namingFile(path, () => appendFile(path, jsonLines(documents)));
}

/** A file of one JSON document a line, in place of what was there before. @throws Error naming the file */
export async function writeJsonLines(path: string, documents: readonly unknown[]): Promise<void> {
  await writeAtomically(path, [Buffer.from(jsonLines(documents))]);
}

/**
 * The documents of a file that holds one JSON document a line; none when there is no file. What a crash or a full disk has
 * left of a last line is none.
 * @throws Error naming the line that is not JSON
 */
export async function readJsonLines<T>(path: string): Promise<T[]> {
  const text = (await readIfThere(path))?.toString() ?? "";
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line, k) => (line === "" ? [] : [parsed<T>(line, `${path}, line ${k + 1},`)]));
}

/** What a file holds; undefined when there is none. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** The document of a JSON file. @throws Error naming a file that is none */
export async function readJson<T>(path: string): Promise<T> {
  return parsed<T>(await readFile(path, "utf8"), path);
}

function jsonLines(documents: readonly unknown[]): string {
  return documents.map((d) => `${JSON.stringify(d)}\n`).join("");
}

function parsed<T>(text: string, where: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${where} is not JSON`);
  }
}

/** What work on a file gives. @throws Error naming the file when it cannot be written */
export async function namingFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Error(`cannot write ${path}: ${code === "ENOENT" ? "there is no such folder" : message}`, { cause });
  }
}
