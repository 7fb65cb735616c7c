import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBundle } from "./open-bundle.js";
import { putChanged } from "./test-support/put-bundle.js";

const characters = new URL("../../../tests/fixtures/tokenizer/char.model", import.meta.url);

describe("a bundle that is opened", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "carousel-bundle-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const open = () => openBundle(folder, { threads: 1, intraOpThreads: 1 });

  it("is refused when a tokenizer has other pieces than the network", async () => {
    const bytes = await readFile(characters);
    await putChanged(folder, { name: "tiny", file: "target.model", edit: () => bytes });
    await expect(open()).rejects.toThrow(/target\.model has \d+ pieces; the manifest says that the vocabulary has 26/);
    await putChanged(folder, { name: "tiny", file: "source.model", edit: () => bytes });
    await expect(open()).rejects.toThrow(/source\.model has \d+ pieces; the manifest says that the vocabulary has 21/);
  });

  it("is refused when its logits are no numbers", async () => {
    await putChanged(folder, { name: "tiny", file: "decoder.onnx", edit: withoutNumbers });
    await expect(open()).rejects.toThrow("cannot decode: tiny gives logits that are no numbers");
  });
});

/** The bias of the output, 26 halves that follow the tensor's name, becomes NaN. */
function withoutNumbers(decoder: Buffer): Buffer {
  const name = Buffer.from("output.b");
  const [field, length] = [0x4a, 2 * 26]; // field 9 of TensorProto, raw_data
  const at = decoder.indexOf(Buffer.concat([name, Buffer.from([field, length])])) + name.length + 2;
  for (let k = at; k < at + length; k += 2) decoder.writeUInt16LE(0x7e00, k);
  return decoder;
}
