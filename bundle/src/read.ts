import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { BundleError } from "./bundle-error.js";
import { hashFile, versionOf } from "./hashes.js";
import { type Manifest, manifestSchema, namedFiles, READABLE_VERSIONS, SCHEMA } from "./manifest.js";
import { faultLine, readBySchema } from "./schema/read-by-schema.js";

/** A bundle whose manifest is valid and whose files are there with the sizes it names. */
export interface Bundle {
  readonly folder: string;
  readonly manifest: Manifest;
  /** The path of one of its files. */
  path(file: string): string;
}

/**
 * Reads a bundle's manifest and looks at its files without reading them.
 * @throws BundleError saying what is wrong: no such folder, not a bundle, another format version, a file cut short
 */
export async function readBundle(folder: string): Promise<Bundle> {
  const manifest = parseManifest(folder, await readManifest(folder));
  const bundle: Bundle = { folder, manifest, path: (file) => join(folder, file) };
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    const found = await stat(bundle.path(name)).catch(() => undefined);
    if (!found?.isFile()) throw new BundleError(`${folder}: the file ${name} is missing`);
    if (found.size !== bytes) {
      throw new BundleError(
        `${folder}: ${name} has ${found.size} bytes, the manifest says ${bytes}: cut short or changed`,
      );
    }
  }
  return bundle;
}

/** Reads a bundle and checks the hash of every file. @throws BundleError */
export async function verifyBundle(folder: string): Promise<Bundle> {
  const bundle = await readBundle(folder);
  for (const [name, expected] of Object.entries(bundle.manifest.files)) {
    const actual = await hashFile(bundle.path(name));
    if (actual.sha256 !== expected.sha256) {
      throw new BundleError(
        `${folder}: ${name} is damaged: its sha256 is ${actual.sha256}, the manifest says ${expected.sha256}`,
      );
    }
  }
  return bundle;
}

/** Whether a folder says that it is a bundle, whole or not. */
export async function isBundle(folder: string): Promise<boolean> {
  return readManifest(folder).then(
    (manifest) => schemaOf(manifest) === SCHEMA,
    () => false,
  );
}

function schemaOf(manifest: unknown): unknown {
  return (manifest as { schema?: unknown } | null)?.schema;
}

async function readManifest(folder: string): Promise<unknown> {
  const path = join(folder, "manifest.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    throw new BundleError(`${folder} is not a model bundle: it has no manifest.json`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BundleError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

function parseManifest(folder: string, value: unknown): Manifest {
  if (schemaOf(value) !== SCHEMA) {
    throw new BundleError(`${folder} is not a model bundle: the schema of its manifest is not ${SCHEMA}`);
  }
  const { formatVersion } = value as { formatVersion?: unknown };
  if (!READABLE_VERSIONS.includes(formatVersion)) {
    throw new BundleError(
      `${folder} has bundle format ${JSON.stringify(formatVersion)}; this version reads ${READABLE_VERSIONS.slice(0, -1).join(", ")} and ${READABLE_VERSIONS.at(-1)}`,
    );
  }
  const { data: manifest, faults } = readBySchema(manifestSchema, value);
  if (faults) throw new BundleError(`${folder}/manifest.json: ${faultLine(faults[0])}`);
  for (const name of namedFiles(manifest)) {
    if (!(name in manifest.files)) throw new BundleError(`${folder}/manifest.json: ${name} is not among its files`);
  }
  if (versionOf(manifest.files) !== manifest.version) {
    throw new BundleError(`${folder}/manifest.json: the version does not fit the hashes of its files`);
  }
  return manifest;
}
