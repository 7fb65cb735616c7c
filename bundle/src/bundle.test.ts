import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BundleError, type NewManifest, readBundle, verifyBundle, writeBundle } from "./index.js";

const manifest: NewManifest = {
  name: "tiny",
  task: "generation",
  languages: { target: "en" },
  architecture: { kind: "language-model" },
  tokenizer: { target: "target.model" },
  vocabulary: { target: 10 },
  special: { pad: 0, unk: 1, bos: 2, eos: 3 },
  graphs: { decoder: "decoder.onnx" },
  memory: [],
  state: [{ name: "state.h", dtype: "float32", shape: ["row", 4] }],
  limits: { target: 20 },
  metrics: {},
};
const files = {
  "decoder.onnx": Uint8Array.of(1, 2, 3, 4),
  "target.model": Uint8Array.of(5, 6),
  "README.md": new TextEncoder().encode("# tiny\n"),
};

describe("a model bundle", () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "carousel-bundle-")), "tiny");
    await writeBundle({ folder, manifest, files });
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true }));

  const edit = async (change: (m: Record<string, unknown>) => void) => {
    const path = join(folder, "manifest.json");
    const value = JSON.parse(await readFile(path, "utf8"));
    change(value);
    await writeFile(path, JSON.stringify(value));
  };

  it("is read back as it was written", async () => {
    const bundle = await verifyBundle(folder);
    expect(bundle.manifest).toMatchObject(manifest);
    expect(Object.keys(bundle.manifest.files)).toEqual(["decoder.onnx", "target.model"]);
    expect(await readFile(bundle.path("decoder.onnx"))).toEqual(Buffer.from([1, 2, 3, 4]));
  });

  it("keeps the format that its writer says", async () => {
    expect((await readBundle(folder)).manifest.formatVersion).toBe(4);
    await writeBundle({ folder, manifest: { ...manifest, formatVersion: 1 }, files });
    expect((await readBundle(folder)).manifest.formatVersion).toBe(1);
  });

  it("has a version that follows from its files", async () => {
    const { version } = (await readBundle(folder)).manifest;
    await writeBundle({ folder, manifest, files });
    expect((await readBundle(folder)).manifest.version).toBe(version);
    await writeBundle({ folder, manifest, files: { ...files, "decoder.onnx": Uint8Array.of(9) } });
    expect((await readBundle(folder)).manifest.version).not.toBe(version);
  });

  it("may change its model card freely", async () => {
    await appendFile(join(folder, "README.md"), "more");
    await expect(verifyBundle(folder)).resolves.toBeDefined();
  });

  it("is refused when it is no bundle", async () => {
    await expect(readBundle(join(folder, "nowhere"))).rejects.toThrow("not a model bundle: it has no manifest.json");
    await edit((m) => {
      m.schema = "other";
    });
    await expect(readBundle(folder)).rejects.toThrow("not a model bundle");
    await writeFile(join(folder, "manifest.json"), "{");
    await expect(readBundle(folder)).rejects.toThrow("is not JSON");
  });

  it("is refused when its format is newer", async () => {
    await edit((m) => {
      m.formatVersion = 5;
    });
    await expect(readBundle(folder)).rejects.toThrow("has bundle format 5; this version reads 1, 2, 3 and 4");
  });

  it("names the key that is wrong", async () => {
    await edit((m) => {
      (m.special as Record<string, unknown>).eos = -1;
    });
    await expect(readBundle(folder)).rejects.toThrow("special.eos");
    await edit((m) => {
      (m.special as Record<string, unknown>).eos = 3;
      m.surprise = 1;
    });
    await expect(readBundle(folder)).rejects.toThrow("surprise");
  });

  it("names the file that is missing, cut short or damaged", async () => {
    const decoder = join(folder, "decoder.onnx");
    await writeFile(decoder, Uint8Array.of(1, 2, 3, 5));
    await expect(readBundle(folder)).resolves.toBeDefined();
    await expect(verifyBundle(folder)).rejects.toThrow("decoder.onnx is damaged");
    await truncate(decoder, 2);
    await expect(readBundle(folder)).rejects.toThrow("decoder.onnx has 2 bytes, the manifest says 4");
    await rm(decoder);
    await expect(readBundle(folder)).rejects.toThrow("the file decoder.onnx is missing");
  });

  it("cannot reach outside its folder", async () => {
    await edit((m) => {
      m.tokenizer = { target: "../secret" };
    });
    await expect(readBundle(folder)).rejects.toThrow("plain file name");
  });

  it("replaces a bundle, and takes an empty folder, but nothing else", async () => {
    await writeBundle({ folder, manifest, files });
    const other = join(folder, "..", "other");
    await mkdir(other);
    await writeBundle({ folder: other, manifest, files });
    const mine = join(folder, "..", "mine");
    await mkdir(mine);
    await writeFile(join(mine, "thesis.txt"), "ten years");
    await expect(writeBundle({ folder: mine, manifest, files })).rejects.toThrow("is no bundle and not empty");
    // many programs have a manifest.json
    for (const text of ["null", '{ "name": "app" }', "{"]) {
      await writeFile(join(mine, "manifest.json"), text);
      await expect(writeBundle({ folder: mine, manifest, files })).rejects.toThrow("is no bundle and not empty");
    }
    const unwritable = { ...files, ["n".repeat(300)]: new Uint8Array(1) };
    await expect(writeBundle({ folder, manifest, files: unwritable })).rejects.toThrow("ENAMETOOLONG");
    const file = join(mine, "thesis.txt");
    await expect(writeBundle({ folder: file, manifest, files })).rejects.toThrow(
      `no bundle can be written to ${file}: it, or what it should be in, is a file`,
    );
    expect(await readFile(file, "utf8")).toBe("ten years");
    expect(await readdir(join(folder, ".."))).toEqual(["mine", "other", "tiny"]);
  });

  it("is not written when a file is lacking", async () => {
    const { "decoder.onnx": _, ...rest } = files;
    await expect(writeBundle({ folder, manifest, files: rest })).rejects.toThrow(BundleError);
    await expect(verifyBundle(folder)).resolves.toBeDefined();
  });
});
