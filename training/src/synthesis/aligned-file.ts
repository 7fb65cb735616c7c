import { type FileHandle, open, readFile, stat, truncate } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { DataError } from "../data/data-error.js";
import { namingFile, writeAtomically } from "../files.js";

/** All that decides what is written: values that JSON can hold. */
export type Origin = Readonly<Record<string, unknown>>;

export interface AlignedFileOptions {
  readonly path: string;
  readonly origin: Origin;
  /** new: there must be nothing yet. resume: go on behind the whole lines that are there. */
  readonly start: "new" | "resume";
}

const LINES_PER_SYNC = 1000;
const NEWLINE = 0x0a;

/** The file beside an output that says what it was made from and how. */
export function originPath(path: string): string {
  return `${path}.origin.json`;
}

/**
 * A text that is written line by line, each line whole as soon as it is known, beside a file that says where it comes
 * from: lines that another model, another source or other options made are not continued.
 */
export class AlignedFile {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    /** Lines that were there when it was opened. */
    readonly linesBefore: number,
    private written = 0,
  ) {}

  /** Throws DataError when there is something already, or when what is there is not the beginning of the same text. */
  static async open({ path, origin, start }: AlignedFileOptions): Promise<AlignedFile> {
    const size = await sizeOf(path);
    if (start === "resume" && size > 0) {
      await checkOrigin(path, origin);
      const whole = await wholeLines(path);
      await truncate(path, whole.bytes);
      return new AlignedFile(path, await open(path, "a"), whole.lines);
    }
    if (size > 0) throw new DataError(`${path} is there already: --resume goes on with it; or remove it`);
    await writeAtomically(originPath(path), [Buffer.from(`${JSON.stringify(origin, null, 2)}\n`)]);
    return new AlignedFile(path, await namingFile(path, () => open(path, "w")), 0);
  }

  /** @param line without line breaks */
  async append(line: string): Promise<void> {
    await namingFile(this.path, async () => {
      // a write may be short: writeFile goes on until all is written, or says why it is not
      await this.file.writeFile(`${line}\n`);
      this.written++;
      if (this.written % LINES_PER_SYNC === 0) await this.file.datasync();
    });
  }

  async close(): Promise<void> {
    await this.file.datasync();
    await this.file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function checkOrigin(path: string, origin: Origin): Promise<void> {
  const recorded = await readFile(originPath(path), "utf8").then(
    (text) => JSON.parse(text) as Origin,
    () => {
      throw new DataError(`${path} cannot be resumed: ${originPath(path)}, which says what it is, cannot be read`);
    },
  );
  const now = JSON.parse(JSON.stringify(origin)) as Origin;
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(now)])];
  const changed = keys.find((key) => !isDeepStrictEqual(recorded[key], now[key]));
  if (changed === undefined) return;
  throw new DataError(
    `${path} cannot be resumed: it was made with ${changed} ${shown(recorded[changed])}, not ${shown(now[changed])}`,
  );
}

function shown(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

/** Lines that have their end, and their bytes: what a killed process wrote last may be torn. */
async function wholeLines(path: string): Promise<{ lines: number; bytes: number }> {
  const file = await open(path, "r");
  let [lines, bytes, position] = [0, 0, 0];
  for await (const chunk of file.createReadStream() as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      lines++;
      bytes = position + at + 1;
    }
    position += chunk.length;
  }
  return { lines, bytes };
}
