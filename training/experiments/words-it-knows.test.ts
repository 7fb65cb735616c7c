import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readLines } from "@carousel/training/data/text";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("./words-it-knows.js", import.meta.url));

it("takes out what the model has wrong, unless the text has it often, and puts in twice what it has right", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-words-"));
  const at = (name: string) => join(folder, name);
  const write = (name: string, lines: string[]) => writeFile(at(name), lines.map((l) => `${l}\n`).join(""));
  const sentences = (word: string) => Array.from({ length: 6 }, (_, k) => `${word} number ${"abcdef"[k]}`);
  const words = ["drone", "badger", "dog", "owl", "Oslo"];
  await write("source", [...words.flatMap(sentences), "Rare"]);
  await write("reference", [...words.flatMap(sentences), "rare"]);
  const wrong = sentences("badger").map((s, k) => (k < 2 ? s : "no"));
  const half = sentences("owl").map((s, k) => (k < 3 ? s : "no"));
  await write("translations", [
    ...sentences("drone"),
    ...wrong,
    ...sentences("dog").map(() => "no"),
    ...half,
    ...sentences("Oslo").map(() => "no"),
    "no",
  ]);
  await write("text", ["A Badger saw the badgers.", "Rare Oslo: a drone", ...Array.from({ length: 20 }, () => "dog")]);
  const paths = ["source", "reference", "translations", "text", "output"].flatMap((name) => [`--${name}`, at(name)]);
  const { stderr } = await promisify(execFile)(process.execPath, [script, ...paths]);
  expect(stderr).toMatch(/^of 5 words 2 are known, 2 are not\n$/);
  expect(await readLines(at("output"))).toEqual([
    "A  saw the badgers.",
    "Rare Oslo: a drone",
    ...Array.from({ length: 20 }, () => "dog"),
    ...["drone", "owl", "drone", "owl"],
  ]);
  await rm(folder, { recursive: true });
});
