import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bundle, type Manifest, type NewManifest, writeBundle } from "@carousel/bundle";
import type { InferenceGraphs } from "./graphs.js";

/** The graphs of a bundle, and the tensors that pass between them. */
export async function readGraphs({ manifest, path }: Bundle): Promise<InferenceGraphs> {
  const { memory, state, graphs } = manifest;
  const decoder = await readFile(path(graphs.decoder));
  const encoder = "encoder" in graphs ? { encoder: await readFile(path(graphs.encoder)) } : {};
  return { ...encoder, decoder, memory, state };
}

/** Writes a bundle with other graphs or files into a folder, which may be its own; all else is as it was, but for `manifest`. */
export async function rewriteBundle(options: {
  bundle: Bundle;
  folder: string;
  /** Absent: its own, in the format that they are in. */
  graphs?: InferenceGraphs;
  /** What is computed of the files is computed anew. */
  manifest: Manifest;
  /** Further files, or others in the place of those that it has. */
  files?: Readonly<Record<string, Uint8Array>>;
}): Promise<Manifest> {
  const { bundle, folder, graphs, files } = options;
  const { formatVersion, version: _, schema: __, files: ___, ...manifest } = options.manifest;
  const others = await unlistedFiles(bundle);
  const listed = Object.keys(bundle.manifest.files);
  const contents = await Promise.all(listed.map(async (f) => [f, await readFile(bundle.path(f))] as const));
  const written = await writeBundle({
    folder,
    manifest: { ...manifest, ...(graphs ? tensorsOf(graphs) : { formatVersion }) } as NewManifest,
    files: { ...Object.fromEntries(contents), ...(graphs ? filesOf(bundle.manifest, graphs) : {}), ...files },
  });
  for (const [name, bytes] of others) await writeFile(join(folder, name), bytes);
  return written;
}

function tensorsOf({ memory, state }: InferenceGraphs): Pick<InferenceGraphs, "memory" | "state"> {
  return { memory, state };
}

function filesOf({ graphs }: Manifest, { encoder, decoder }: InferenceGraphs): Record<string, Uint8Array> {
  return { [graphs.decoder]: decoder, ...("encoder" in graphs && encoder ? { [graphs.encoder]: encoder } : {}) };
}

/** The model card and what it shows: files that the manifest does not list. */
async function unlistedFiles({ folder, manifest }: Bundle): Promise<(readonly [string, Uint8Array])[]> {
  const names = (await readdir(folder)).filter((name) => name !== "manifest.json" && !(name in manifest.files));
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
}
