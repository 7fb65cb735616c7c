import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBundle } from "@carousel/bundle";
import { benchPrecisions, listRandomBundle, variantsOf } from "@carousel/cli/precisions";
import { searchOptions } from "@carousel/server/gateway/validate";
import { benchDecode } from "@carousel/server/worker/bench";
import { benchArrivals } from "@carousel/server/worker/bench-arrivals";
import { benchFull } from "@carousel/server/worker/bench-full";
import { decodeOperations, decodeOperationsOf, randomBundleWord, SHAPES, writeRandomBundle } from "@carousel/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const config = {
  ...SHAPES.standard,
  sourceVocabulary: 50,
  targetVocabulary: 40,
  embedding: 8,
  encoder: { ...SHAPES.standard.encoder, hidden: 8 },
  decoder: { ...SHAPES.standard.decoder, hidden: 16 },
};

describe("the bench of a network with random weights", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "carousel-bench-test-"));
    await writeRandomBundle({ folder: join(folder, "bundle"), name: "random", config });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const texts = [2, 5].map((words) => ({
    text: Array.from({ length: words }, (_, n) => randomBundleWord(n)).join(" "),
    options: searchOptions({ maxLength: 7 }),
  }));

  it("translates batches of sentences, each as long as it may be, with something else in between", async () => {
    let between = 0;
    const rows = await benchDecode({
      folder: join(folder, "bundle"),
      texts,
      batches: [1, 3],
      beams: [1, 2],
      runs: 3,
      between: async () => void between++,
    });
    expect(rows.map(({ batch, beam }) => [batch, beam])).toEqual([
      [1, 1],
      [1, 2],
      [3, 1],
      [3, 2],
    ]);
    expect(between).toBe(4 * 4);
    // each run goes on where the last one ended
    const sources = rows[2]!.runs.map(({ lengths }) => lengths.map(({ source }) => source));
    expect(sources).toEqual([
      [6, 3, 6],
      [3, 6, 3],
      [6, 3, 6],
    ]);
    expect(rows[2]!.runs[0]!.lengths.map(({ target }) => target)).toEqual([7, 7, 7]);
    expect(rows[2]!.tokensPerSecond / rows[2]!.sentencesPerSecond).toBeCloseTo(7);
  });

  it("is refused on a CPU where its arithmetic is a GPU's", async () => {
    await writeRandomBundle({ folder: join(folder, "halves"), name: "halves", config, arithmetic: "fp16" });
    const bench = benchDecode({ folder: join(folder, "halves"), texts, batches: [1], beams: [1], runs: 1 });
    await expect(bench).rejects.toThrow(/halves computes in fp16, which a CPU does not/);
  });

  it("compares floats, int8 and int8 with a shortlist", async () => {
    const listed = join(folder, "listed");
    await listRandomBundle(join(folder, "bundle"), { out: listed });
    const variants = await variantsOf(listed, { work: folder, model: "random" });
    const said: string[] = [];
    const onRow = ({ variant }: { variant: string }) => void said.push(variant);
    const rows = await benchPrecisions(variants, { texts, batches: [2], beams: [1], runs: 1, onRow });
    expect(said).toEqual(["fp32", "int8", "int8 + shortlist"]);
    expect(rows[0]!.timesFp32).toBe(1);
    for (const row of rows) expect(row.tokensPerSecond / rows[0]!.tokensPerSecond).toBeCloseTo(row.timesFp32);
    await expect(variantsOf(join(folder, "int8"), { work: folder, model: "random" })).rejects.toThrow("is in int8");
  });

  it("keeps an engine full", async () => {
    const said: number[] = [];
    const rows = await benchFull({
      folder: join(folder, "bundle"),
      texts,
      batches: [1, 4],
      beams: [2],
      seconds: 0.3,
      onRow: ({ batch }) => void said.push(batch),
    });
    expect(rows.map(({ batch, beam }) => [batch, beam])).toEqual([
      [1, 2],
      [4, 2],
    ]);
    expect(said).toEqual([1, 4]);
    for (const { sentencesPerSecond, tokensPerSecond, cpuMs } of rows) {
      expect(sentencesPerSecond).toBeGreaterThan(0);
      expect(tokensPerSecond / sentencesPerSecond).toBeCloseTo(7);
      expect(cpuMs).toBeGreaterThan(0);
    }
  });

  it.each(["continuous", "leaving", "static"] as const)(
    "finds a rate of arrivals that %s batches bear",
    async (joining) => {
      const options = { texts, joining, maxBatchSentences: 4, p99: 5000, seconds: 0.2 };
      const { sentencesPerSecond, latency } = await benchArrivals({ folder: join(folder, "bundle"), ...options });
      expect(sentencesPerSecond).toBeGreaterThan(0);
      expect(latency.p50).toBeLessThanOrEqual(latency.p99);
      expect(latency.p99).toBeLessThanOrEqual(5000);
    },
  );

  it("counts the operations of the encoder once and of the decoder for each hypothesis", () => {
    const lengths = { source: 25, target: 25 };
    const [one, four] = [1, 4].map((beam) => decodeOperations(SHAPES.standard, { ...lengths, beam }));
    const decoder = 4 * 512 * (256 + 512 + 512) + (512 + 512) * 512 + 512 * 8000 + 25 * (512 + 512);
    const encoder = 2 * 4 * 256 * (256 + 256) + 512 * 512; // two directions, and the keys of the attention
    expect(one).toBe(2 * 25 * (encoder + decoder));
    expect(four).toBe(2 * 25 * (encoder + 4 * decoder));
  });

  it("counts a network that says all tokens at once as often as it is run: once, whatever the beam", async () => {
    const { manifest } = await readBundle(join(folder, "bundle"));
    const network = { kind: "ctc", cell: "lstm", embedding: 8, upsample: 3, layersAfter: 2, dropout: 0 };
    const encoder = { layers: 2, hidden: 5, bidirectional: true };
    const architecture = { ...network, encoder };
    const operations = decodeOperationsOf({ ...manifest, architecture });
    const layer = (input: number) => 2 * 4 * 5 * (input + 5); // two directions
    const token = layer(8) + layer(10);
    const frame = 10 * 10 + 2 * layer(10) + 10 * 40; // its part of the upsampling, the layers after, the vocabulary
    expect(operations({ source: 7, target: 25, beam: 1 })).toBe(2 * 7 * (token + 3 * frame));
    expect(operations({ source: 7, target: 2, beam: 4 })).toBe(2 * 7 * (token + 3 * frame));
    expect(() => decodeOperationsOf({ ...manifest, architecture: { kind: "ctc" } })).toThrow(
      /random does not say what its network is/,
    );
  });
});
