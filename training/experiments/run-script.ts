import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readLines } from "@carousel/training/data/text";

/** What a script reads and writes, by the names of its options. */
export interface ScriptFiles {
  readonly input: Readonly<Record<string, readonly string[]>>;
  readonly output: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
}

/** Runs a script of this folder on files of such lines, for tests; gives the lines that it wrote. */
export async function runScript(
  script: string,
  { input, output, options = {} }: ScriptFiles,
): Promise<{ stderr: string; written: Record<string, string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), "carousel-script-"));
  try {
    const at = (name: string) => join(folder, name);
    for (const [name, lines] of Object.entries(input)) {
      await writeFile(at(name), lines.map((line) => `${line}\n`).join(""));
    }
    const args = [
      ...[...Object.keys(input), ...output].flatMap((name) => [`--${name}`, at(name)]),
      ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    ];
    const path = fileURLToPath(new URL(script, import.meta.url));
    const { stderr } = await promisify(execFile)(process.execPath, [path, ...args]);
    const written: Record<string, string[]> = {};
    for (const name of output) written[name] = await readLines(at(name));
    return { stderr, written };
  } finally {
    await rm(folder, { recursive: true });
  }
}
