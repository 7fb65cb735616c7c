import { chmod, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { BundleError } from "./bundle-error.js";
import { hashBytes, versionOf } from "./hashes.js";
import { makeFolder } from "./make-folder.js";
import { FORMAT_VERSION, type Manifest, manifestSchema, type NewManifest, namedFiles, SCHEMA } from "./manifest.js";
import { isBundle } from "./read.js";
import { faultLine, readBySchema } from "./schema/read-by-schema.js";

export interface NewBundle {
  readonly folder: string;
  readonly manifest: NewManifest;
  /** Contents by name; README.md may be among them and is not hashed. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/**
 * Writes a bundle whole or not at all: into a folder beside it, which then takes its place. A bundle that stood there is
 * replaced, and nothing else.
 * @throws BundleError when the manifest does not fit the schema or names a file that is not given, or something else stands there
 */
export async function writeBundle({ folder, manifest, files }: NewBundle): Promise<Manifest> {
  const hashed = Object.entries(files).filter(([name]) => name !== "README.md");
  const hashes = Object.fromEntries(hashed.map(([name, bytes]) => [name, hashBytes(bytes)]));
  const whole = {
    schema: SCHEMA,
    formatVersion: FORMAT_VERSION,
    ...manifest,
    version: versionOf(hashes),
    files: hashes,
  };
  const parsed = readBySchema(manifestSchema, whole);
  if (parsed.faults) throw new BundleError(`the manifest of ${folder} is not valid: ${faultLine(parsed.faults[0])}`);
  for (const name of namedFiles(manifest)) {
    if (!(name in hashes)) throw new BundleError(`the bundle ${folder} lacks its file ${name}`);
  }
  const target = resolve(folder);
  await requireBundleOrNothing(target);
  await makeFolder(dirname(target));
  const fresh = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  try {
    await chmod(fresh, 0o755); // mkdtemp makes it private
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(fresh, name), bytes);
    await writeFile(join(fresh, "manifest.json"), `${JSON.stringify(parsed.data, null, 2)}\n`);
  } catch (error) {
    await rm(fresh, { recursive: true });
    throw error;
  }
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
  return parsed.data;
}

/** Before work that ends in a bundle. @throws BundleError when something that is none stands where it is to be written */
export async function requireBundleOrNothing(folder: string): Promise<void> {
  const target = resolve(folder);
  const names = await readdir(target).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    const why = error.code === "ENOTDIR" ? "it, or what it should be in, is a file" : error.message;
    throw new BundleError(`no bundle can be written to ${target}: ${why}`);
  });
  if (names.length === 0 || (await isBundle(target))) return;
  throw new BundleError(`${target} is no bundle and not empty: name another folder, or remove it`);
}
