import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Manifest, readBundle } from "@carousel/bundle";
import { CarouselError } from "../errors.js";

/** What lies in a folder in which a bundle is, was, or is being made. */
export interface FoundBundle {
  readonly folder: string;
  /** Sizes and times of its files: another fingerprint, another content. */
  readonly fingerprint: string;
  /** Absent when it is no whole bundle. */
  readonly manifest?: Manifest;
  /** Why it is none. */
  readonly flaw?: string;
}

/**
 * All folders in a folder of models that have a manifest.json, by name; one whose name begins with a dot is being written.
 * @throws CarouselError when it cannot be read
 */
export async function findBundles(modelsFolder: string): Promise<FoundBundle[]> {
  const names = await readdir(modelsFolder).catch(() => {
    throw new CarouselError("FAILED_PRECONDITION", `there is no folder of models ${modelsFolder}`);
  });
  const shown = names.filter((name) => !name.startsWith(".")).sort();
  const found = await Promise.all(shown.map((name) => look(join(modelsFolder, name))));
  return found.filter((bundle) => bundle !== undefined);
}

/** Those that hold the same version together. */
export function copiesOf(found: readonly FoundBundle[]): FoundBundle[][] {
  const copies = new Map<string, FoundBundle[]>();
  for (const bundle of found) {
    const { folder, manifest } = bundle;
    const key = manifest ? `${manifest.name}@${manifest.version}` : folder;
    copies.set(key, [...(copies.get(key) ?? []), bundle]);
  }
  return [...copies.values()];
}

async function look(folder: string): Promise<FoundBundle | undefined> {
  const manifest = await stat(join(folder, "manifest.json")).catch(() => undefined);
  if (!manifest?.isFile()) return undefined;
  const fingerprint = await fingerprintOf(folder);
  try {
    return { folder, fingerprint, manifest: (await readBundle(folder)).manifest };
  } catch (error) {
    return { folder, fingerprint, flaw: error instanceof Error ? error.message : String(error) };
  }
}

export async function fingerprintOf(folder: string): Promise<string> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const stats = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return stats.map((found, k) => `${names[k]} ${found?.size} ${found?.mtimeMs} ${found?.ino}`).join("\n");
}
