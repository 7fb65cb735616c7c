import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashBytes, versionOf } from "@carousel/bundle/hashes";

const fixtures = new URL("../../../../tests/fixtures/", import.meta.url).pathname;
const SOURCE = "bundles-v2/v2-tiny-translation";

interface Change {
  readonly name: string;
  readonly file: string;
  /** What becomes of the file. */
  readonly edit: (bytes: Buffer) => Buffer;
}

/**
 * Writes a tiny translation bundle of another name, and of a version of its own for each mark (a letter).
 * @returns its version
 */
export function putBundle(folder: string, { name, mark }: { name: string; mark: string }): Promise<string> {
  // field 6 of ONNX's ModelProto, doc_string
  const marked = (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0x32, mark.length]), Buffer.from(mark)]);
  return putChanged(folder, { name, file: "decoder.onnx", edit: marked });
}

/** Writes a tiny translation bundle with one file of another content, which its manifest knows. @returns its version */
export async function putChanged(folder: string, { name, file, edit }: Change): Promise<string> {
  await cp(join(fixtures, SOURCE), folder, { recursive: true });
  const bytes = edit(await readFile(join(folder, file)));
  await writeFile(join(folder, file), bytes);
  const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  const files = { ...manifest.files, [file]: hashBytes(bytes) };
  const version = versionOf(files);
  await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...manifest, name, version, files }));
  return version;
}
