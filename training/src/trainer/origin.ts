import { readFile } from "node:fs/promises";
import { type Bundle, decodeLexicon, type Lexicon, WordFilter } from "@carousel/bundle";
import { readIfThere, writeAtomically } from "../files.js";
import type { VocabularySizes } from "./from-recipe.js";
import type { RunFolder } from "./run-folder.js";

/** The model that a training started from. */
export interface Origin {
  readonly name: string;
  /** Hash of its files. */
  readonly version: string;
}

/**
 * Writes into the run folder where its first parameters come from, which words that model knew, and its shortlist: a training
 * that is resumed knows them from there.
 */
export async function keepOrigin(folder: RunFolder, { manifest, path }: Bundle): Promise<Origin> {
  const { name, version } = manifest;
  if (manifest.task === "translation") {
    const { words, shortlist } = manifest;
    if (words) await writeAtomically(folder.originWords, [await readFile(path(words))]);
    if (shortlist) await writeAtomically(folder.originShortlist, [await readFile(path(shortlist))]);
  }
  await writeAtomically(folder.origin, [Buffer.from(`${JSON.stringify({ name, version })}\n`)]);
  return { name, version };
}

/** The model that the training in a folder started from; undefined when it began with random parameters. */
export async function readOrigin(folder: RunFolder): Promise<Origin | undefined> {
  const text = await readIfThere(folder.origin);
  return text && JSON.parse(text.toString());
}

/** The words that it knew, if its bundle said so. */
export async function readOriginWords(folder: RunFolder): Promise<WordFilter | undefined> {
  const bytes = await readIfThere(folder.originWords);
  return bytes && WordFilter.parse(bytes);
}

/** What its source tokens became, if it had a shortlist. */
export async function readOriginShortlist(
  folder: RunFolder,
  vocabulary: VocabularySizes,
): Promise<Lexicon | undefined> {
  const bytes = await readIfThere(folder.originShortlist);
  return bytes && decodeLexicon(bytes, vocabulary);
}
