import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { writeAtomically } from "@carousel/training/files";

/** Where results and pictures go unless `--out` says otherwise: docs/experiments of this repository. */
export const RESULTS = fileURLToPath(new URL("../../../docs/experiments", import.meta.url));

/** The page that shows them. */
export const PAGE = `${RESULTS}.md`;

/** Writes a text file into a folder that need not exist yet. */
export async function writeText(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, [new TextEncoder().encode(text)]);
}

/**
 * Runs by name, those of earlier commands kept: one run of an experiment can be repeated alone. Runs of another set-up, such
 * as another lag, are not: they would stand in one picture with these.
 */
export async function addRuns<R>(
  folder: string,
  name: string,
  { about, runs }: { about: object; runs: Readonly<Record<string, R>> },
): Promise<Record<string, R>> {
  const all = { ...(await earlierRuns<R>(join(folder, name), about)), ...runs };
  await writeText(folder, name, `${compact({ ...about, runs: all })}\n`);
  return all;
}

async function earlierRuns<R>(path: string, about: object): Promise<Record<string, R>> {
  const { runs = {}, ...theirs } = (await readResults<R>(path)) ?? {};
  return isDeepStrictEqual(theirs, JSON.parse(JSON.stringify(about))) ? runs : {};
}

/** What an experiment was about, and its runs by name. */
export type Results<R> = Readonly<Record<string, unknown>> & { readonly runs: Record<string, R> };

/** The results in a file; undefined when there is no file. */
export async function readResults<R>(path: string): Promise<Results<R> | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : JSON.parse(text);
}

/** JSON with one line for what holds no objects: a point of a curve, a list of numbers. */
function compact(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null || isFlat(value)) return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const entries = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .map(([key, v]) => `${inner}${Array.isArray(value) ? "" : `${JSON.stringify(key)}: `}${compact(v, inner)}`);
  return `${open}\n${entries.join(",\n")}\n${indent}${close}`;
}

function isFlat(value: object): boolean {
  return Object.values(value).every((v) => typeof v !== "object" || v === null);
}

/** Digits that say something. */
export function rounded(value: number, digits = 5): number {
  return Number(value.toPrecision(digits));
}
