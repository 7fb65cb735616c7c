import { readFile } from "node:fs/promises";
import type { Bundle } from "@carousel/bundle";
import { writeAtomically } from "../files.js";
import type { RunFolder } from "./run-folder.js";

/** The model that a training started from. */
export interface Origin {
  readonly name: string;
  /** Hash of its files. */
  readonly version: string;
}

/** Writes into the run folder where its first parameters come from: a training that is resumed knows it from there. */
export async function keepOrigin(folder: RunFolder, { manifest: { name, version } }: Bundle): Promise<Origin> {
  await writeAtomically(folder.origin, [Buffer.from(`${JSON.stringify({ name, version })}\n`)]);
  return { name, version };
}

/** The model that the training in a folder started from; undefined when it began with random parameters. */
export async function readOrigin(folder: RunFolder): Promise<Origin | undefined> {
  const text = await readFile(folder.origin, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : JSON.parse(text);
}
