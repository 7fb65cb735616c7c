import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hashBytes, versionOf } from "@carousel/bundle/hashes";

const fixtures = new URL("../../../../tests/fixtures/", import.meta.url).pathname;
const SOURCE = "bundles-v2/v2-tiny-translation";

/**
 * Writes a tiny translation bundle of another name, and of a version of its own for each mark (a letter).
 * @returns its version
 */
export async function putBundle(folder: string, { name, mark }: { name: string; mark: string }): Promise<string> {
  await cp(join(fixtures, SOURCE), folder, { recursive: true });
  const path = join(folder, "decoder.onnx");
  // field 6 of ONNX's ModelProto, doc_string
  const decoder = Buffer.concat([await readFile(path), Buffer.from([0x32, mark.length]), Buffer.from(mark)]);
  await writeFile(path, decoder);
  const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  const files = { ...manifest.files, "decoder.onnx": hashBytes(decoder) };
  const version = versionOf(files);
  await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...manifest, name, version, files }));
  return version;
}
