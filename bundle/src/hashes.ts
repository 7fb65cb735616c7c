import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Manifest } from "./manifest.js";

export type FileHashes = Manifest["files"];

export function hashBytes(bytes: Uint8Array): { bytes: number; sha256: string } {
  return { bytes: bytes.byteLength, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    bytes += (chunk as Buffer).length;
    hash.update(chunk as Buffer);
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** The version of a bundle: the first 16 hex digits of the sha256 over its files' names and hashes. */
export function versionOf(files: FileHashes): string {
  const lines = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { sha256 }]) => `${name} ${sha256}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex").slice(0, 16);
}
