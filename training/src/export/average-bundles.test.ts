import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { writeRandomBundle } from "../bench/random-bundle.js";
import type { Seq2SeqConfig } from "../models/seq2seq.js";
import { quantizeBundle } from "../quantization/quantize-bundle.js";
import { readPretrained } from "../trainer/pretrained.js";
import { AverageError, averageBundles } from "./average-bundles.js";
import { graphsOfBundle } from "./graphs-of-bundle.js";
import { rewriteBundle } from "./rewrite-bundle.js";

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-average-"));
  const config: Seq2SeqConfig = {
    ...{ sourceVocabulary: 300, targetVocabulary: 300, embedding: 8, inputFeeding: true },
    attention: "general",
    ...{ dropout: 0, tieEmbeddings: false },
    encoder: { cell: "lstm", layers: 1, hidden: 4, bidirectional: true },
    decoder: { cell: "lstm", layers: 1, hidden: 8 },
  };
  await writeRandomBundle({ folder: at("a"), name: "a", config });
  const { bundle, weights } = await readPretrained(at("a"));
  const tripled = new Map(
    [...weights].map(([name, { shape, data }]) => [name, { shape, data: data.map((w) => 3 * w) }]),
  );
  const graphs = graphsOfBundle(bundle.manifest, { weights: tripled });
  const measured = { metrics: { bleu: 1 }, search: { lengthPenalty: 2 } };
  await rewriteBundle({ bundle, folder: at("b"), graphs, manifest: { ...bundle.manifest, name: "b", ...measured } });
  return () => rm(folder, { recursive: true });
});

describe("an average of two bundles", () => {
  it("has each weight between theirs, and nothing that was measured of the second", async () => {
    const written = await averageBundles({ folders: [at("a"), at("b")], share: 0.25, out: at("mean") });
    expect(written).toMatchObject({ name: "b", metrics: {} });
    expect(written).not.toHaveProperty("search");
    expect(await readFile(join(at("mean"), "README.md"), "utf8")).toMatch(
      /The weights are 0\.75 × those of a, version \w+, and 0\.25/,
    );
    const [a, mean] = [await readPretrained(at("a")), await readPretrained(at("mean"))];
    expect([...mean.weights.keys()]).toEqual([...a.weights.keys()]);
    for (const [name, { data }] of a.weights) {
      mean.weights.get(name)!.data.forEach((w, i) => {
        if (Number.isFinite(data[i])) expect(w).toBeCloseTo(1.5 * data[i]!, 4);
        else expect(w).toBe(data[i]);
      });
    }
  });

  it("is none where they are of different networks, or in int8", async () => {
    const averageOf = (first: string) => averageBundles({ folders: [first, at("a")], share: 0.5, out: at("none") });
    const other = fileURLToPath(new URL("../../../tests/fixtures/bundles-v3/v3-tiny-translation", import.meta.url));
    await expect(averageOf(other)).rejects.toThrow(/have different \w+: only bundles of one network can be averaged/);
    await quantizeBundle({ folder: at("a"), out: at("int8") });
    await expect(averageOf(at("int8"))).rejects.toThrow(AverageError);
  });
});
