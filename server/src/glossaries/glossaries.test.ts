import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisServer } from "../queue/test-support/redis-server.js";
import { FolderGlossaries } from "./folder-glossaries.js";
import type { Glossary, GlossaryStore } from "./glossary.js";
import { RedisGlossaries } from "./redis-glossaries.js";

const glossary = (name: string): Glossary => ({
  ...{ name, sourceLanguage: "ja", targetLanguage: "en" },
  terms: [
    { source: "医者", target: "physician", sourceForms: [], targetForms: [], case: "match", inflection: "listed" },
  ],
});

let folder: string;
let redis: RedisServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-glossaries-"));
  redis = await RedisServer.start();
});
afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true });
});

describe.each<[string, () => GlossaryStore]>([
  ["a folder", () => new FolderGlossaries(join(folder, "new"))],
  ["Redis", () => new RedisGlossaries(redis.url)],
])("glossaries in %s", (_, open) => {
  it("are made once, listed, read by another, and deleted", async () => {
    const [store, other] = [open(), open()];
    expect(await store.list()).toEqual([]);
    const made = await Promise.all([store.create(glossary("b")), other.create(glossary("b"))]);
    expect(made.sort()).toEqual([false, true]);
    expect(await store.create(glossary("a"))).toBe(true);
    expect((await other.list()).map((g) => [g.name, g.termCount])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
    expect(await other.get("b")).toEqual(glossary("b"));
    expect(await other.get("c")).toBeUndefined();
    expect(await other.delete("b")).toBe(true);
    expect(await store.delete("b")).toBe(false);
    expect((await store.list()).map((g) => g.name)).toEqual(["a"]);
    await Promise.all([store.close(), other.close()]);
  });
});
