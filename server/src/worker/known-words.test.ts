import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NewManifest, readBundle, WordFilter, writeBundle } from "@carousel/bundle";
import { Registry } from "prom-client";
import { beforeEach, expect, it } from "vitest";
import { WorkerMetrics } from "../observability/worker-metrics.js";
import { EnginePool, PooledEngine } from "./engine-pool.js";
import { openBundle } from "./open-bundle.js";

const frozen = fileURLToPath(new URL("../../../tests/fixtures/bundles-v4/v4-tiny-ctc", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-words-"));
  return () => rm(folder, { recursive: true });
});

/** An engine of a bundle with that file of words. */
async function withWords(bytes: Uint8Array): Promise<PooledEngine> {
  const { manifest, path } = await readBundle(frozen);
  const { schema: _, formatVersion: __, version: ___, files, ...rest } = manifest;
  const contents = Object.keys(files).map(async (name) => [name, await readFile(path(name))] as const);
  const bundle = { ...Object.fromEntries(await Promise.all(contents)), "words.bin": bytes };
  await writeBundle({
    folder: join(folder, "b"),
    manifest: { ...rest, words: "words.bin" } as NewManifest,
    files: bundle,
  });
  return new PooledEngine(await openBundle(join(folder, "b"), { threads: 1, intraOpThreads: 1 }));
}

it("a worker says which words its models have seen, each version its own", async () => {
  const [silent, engine] = [
    new PooledEngine(await openBundle(frozen, { threads: 1, intraOpThreads: 1 })),
    await withWords(WordFilter.of(["Tom"]).bytes),
  ];
  const pool = new EnginePool();
  pool.serve([silent, engine]);
  const worker = new WorkerMetrics(new Registry()).watch(pool);
  expect(worker.models.map(({ hasWords }) => hasWords)).toEqual([undefined, true]);
  const words = worker.models.map((model) => worker.words!(model));
  expect(words.map((known) => known?.has("Tom"))).toEqual([undefined, true]);
  expect(words[1]!.has("Robert")).toBe(false);
  await pool.close();
});

it("a bundle whose words are none is refused", async () => {
  await expect(withWords(Uint8Array.of(1, 2, 3))).rejects.toThrow("the known words are cut short");
});
