import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readBundle } from "@carousel/bundle";
import { beforeEach, expect, it } from "vitest";
import { repository } from "./repository.js";

const bundle = join(repository, "tests", "fixtures", "bundles-v2", "v2-tiny-translation");
const carousel = (...flags: string[]) =>
  promisify(execFile)(process.execPath, [join(repository, "cli", "bin", "carousel.mjs"), ...flags]);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-known-words-"));
  await writeFile(at("a.en"), "Tom sees Mary.\nTom sees.\n");
  await writeFile(at("b.en"), "Mary sees Robert.");
  return () => rm(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);

it("gives a bundle the words of several texts, with which it is whole", async () => {
  const { stdout } = await carousel(
    "known-words",
    bundle,
    "--text",
    at("a.en"),
    "--text",
    at("b.en"),
    "--out",
    at("out"),
  );
  const { manifest } = await readBundle(at("out"));
  expect(stdout).toBe(`${at("out")}: v2-tiny-translation ${manifest.version}, 3 words\n`);
  const verified = await carousel("models", "verify", at("out"));
  expect(verified.stdout).toContain(`${manifest.version}: 5 files whole`);

  const all = await carousel("known-words", at("out"), "--text", at("b.en"), "--minimum", "1", "--json");
  const { version } = (await readBundle(at("out"))).manifest;
  expect(JSON.parse(all.stdout)).toEqual({ folder: at("out"), name: "v2-tiny-translation", version, words: 3 });
  await writeFile(at("out/words.bin"), Buffer.alloc(69));
  await expect(carousel("models", "verify", at("out"))).rejects.toThrow("words.bin is damaged");
}, 60_000);

it("leaves out names that a model mostly has wrong", async () => {
  const [oslo, rome] = ["I live in Oslo.\n", "I live in Rome.\n"];
  await writeFile(at("s.en"), oslo + oslo + rome + rome + "I live here.\n".repeat(4));
  await writeFile(
    at("r.fr"),
    `Je vis à Oslo.\nJe vis à Oslo.\nJe vis à Rome.\nJe vis à Rome.\n${"Je vis ici.\n".repeat(4)}`,
  );
  await writeFile(at("t.fr"), "Je vis à Osaka.\n".repeat(2) + "Je vis à Rome.\n".repeat(2) + "Je vis ici.\n".repeat(4));
  const judged = ["--source", at("s.en"), "--reference", at("r.fr"), "--translations", at("t.fr")];
  const give = (...flags: string[]) =>
    carousel("known-words", bundle, "--text", at("s.en"), "--out", at("out"), ...flags);
  const { stdout } = await give(...judged);
  const { version } = (await readBundle(at("out"))).manifest;
  expect(stdout).toBe(`${at("out")}: v2-tiny-translation ${version}, 5 words, 1 seen and not learned\n`);
  expect(JSON.parse((await give(...judged, "--json")).stdout)).toMatchObject({ words: 5, mistaken: 1 });
  await expect(give(...judged.slice(2))).rejects.toThrow(
    "carousel: --source, --reference and --translations go together: give all three, or none\n",
  );
  await expect(give(...judged.slice(0, 5), at("a.en"))).rejects.toThrow("must align line by line");
}, 60_000);

it("says in one line what is wrong", async () => {
  const refused = (...flags: string[]) => expect(carousel("known-words", bundle, ...flags)).rejects;
  await refused().toThrow("required option '--text <file>' not specified");
  await refused("--text", at("none.en"), "--out", at("out")).toThrow(`carousel: no such file: ${at("none.en")}\n`);
  await refused("--text", at("a.en"), "--out", at("out"), "--minimum", "0").toThrow("of at least 1 is expected");
}, 60_000);
