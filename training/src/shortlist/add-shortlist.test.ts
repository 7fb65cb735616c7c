import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeLexicon, verifyBundle } from "@carousel/bundle";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomBundleWord, SHAPES, writeRandomBundle } from "../bench/random-bundle.js";
import { quantizeBundle } from "../quantization/quantize-bundle.js";
import { addShortlist } from "./add-shortlist.js";

const vocabulary = { source: 50, target: 40 };
const config = {
  ...SHAPES.standard,
  sourceVocabulary: vocabulary.source,
  targetVocabulary: vocabulary.target,
  embedding: 8,
  encoder: { ...SHAPES.standard.encoder, hidden: 8 },
  decoder: { ...SHAPES.standard.decoder, hidden: 16 },
};
const line = (k: number) => `${randomBundleWord(k % 20)} ${randomBundleWord((k * 7) % 20)}`;
const lines = Array.from({ length: 60 }, (_, k) => line(k));
const text = { source: lines, target: lines };

describe("a bundle that is given a shortlist", () => {
  let work: string;
  const at = (name: string) => join(work, name);
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), "shortlist-"));
    await writeRandomBundle({ folder: at("float"), name: "random", config });
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  it("is whole, says what its words become, and keeps it in int8, where it may get another", async () => {
    await addShortlist({ folder: at("float"), out: at("listed"), text, common: 2, best: 1 });
    await quantizeBundle({ folder: at("listed"), out: at("int8") });
    await addShortlist({ folder: at("int8"), out: at("int8"), text, common: 3, best: 1 });
    for (const [name, common] of [
      ["listed", 3],
      ["int8", 4],
    ] as const) {
      const { manifest, path } = await verifyBundle(at(name));
      if (manifest.task !== "translation") throw new Error("a translation bundle became another");
      expect(manifest).toMatchObject({ formatVersion: 4, shortlist: "shortlist.bin" });
      const lexicon = decodeLexicon(await readFile(path(manifest.shortlist!)), vocabulary);
      expect(lexicon.common).toHaveLength(common);
      expect(lexicon.translations.flat().length).toBeGreaterThan(0);
    }
  });

  it("keeps the blank where the encoder chooses the tokens", async () => {
    const frozen = fileURLToPath(new URL("../../../tests/fixtures/bundles-v4/v4-tiny-ctc", import.meta.url));
    const { lexicon } = await addShortlist({ folder: frozen, out: at("ctc"), text: { source: ["本"], target: ["a"] } });
    expect(lexicon.common[0]).toBe(0);
  });

  it("is refused in int8 when its decoder takes none, and where there is nothing to learn from", async () => {
    await quantizeBundle({ folder: at("float"), out: at("plain") });
    await expect(addShortlist({ folder: at("plain"), out: at("plain"), text })).rejects.toThrow(/is in int8.*quantize/);
    const nothing = { source: [""], target: [""] };
    await expect(addShortlist({ folder: at("float"), out: at("none"), text: nothing })).rejects.toThrow("no pair");
    // known before it is learned
    const mine = addShortlist({ folder: at("float"), out: at("."), text: nothing });
    await expect(mine).rejects.toThrow("is no bundle and not empty");
  });
});
