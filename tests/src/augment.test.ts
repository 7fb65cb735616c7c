import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { repository } from "./repository.js";

vi.setConfig({ testTimeout: 180_000 });

const german = [
  "Anna sieht das Wasser.",
  "Der Hund sieht Anna.",
  "Das Wasser ist kalt.",
  "Ein Hund trinkt Wasser.",
  "Anna trinkt 12 Tassen.",
];
const english = [
  "Ann sees the water.",
  "The dog sees Ann.",
  "The water is cold.",
  "A dog drinks water.",
  "Ann drinks 12 cups.",
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carousel-augment-"));
  await writeFile(at("t.de"), german.map((line) => `${line}\n`).join(""));
  await writeFile(at("t.en"), english.map((line) => `${line}\n`).join(""));
  return () => rm(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);

function augment(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = [join(repository, "cli", "bin", "carousel.mjs"), "augment"];
  const files = [
    "--source",
    at("t.de"),
    "--target",
    at("t.en"),
    "--source-output",
    at("o.de"),
    "--target-output",
    at("o.en"),
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, [...command, ...files, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? (error.code as number) : 0, stdout, stderr }),
    );
  });
}

async function written(): Promise<string[]> {
  const [source, target] = [await readFile(at("o.de"), "utf8"), await readFile(at("o.en"), "utf8")];
  const lines = target.trimEnd().split("\n");
  return source
    .trimEnd()
    .split("\n")
    .map((line, k) => `${line} ${lines[k]}`);
}

it("writes single words and sentences with invented names, aligned", async () => {
  const words = await augment("words", "--least", "2");
  expect(words).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ pairs\n$/) });
  expect(words.stderr).toMatch(/aligned 5 pairs/);
  expect(await written()).toEqual(expect.arrayContaining(["Wasser water", "Hund dog", "Anna Ann"]));

  const names = await augment("names", "--least", "2", "--times", "2");
  expect(names).toMatchObject({ code: 0, stdout: "6 pairs\n" });
  for (const pair of await written()) expect(pair).not.toMatch(/\bAnn|\b12\b/);
  expect((await written())[0]).toMatch(/^(.+) sieht das Wasser\. \1 sees the water\.$/);
});

it("says what is wrong, and writes nothing then", async () => {
  expect(await augment("words", "--times", "2")).toMatchObject({
    code: 1,
    stderr: "carousel: --times and --seed are for names\n",
  });
  for (const side of ["--source-output", "--target-output"]) {
    const taken = await augment("words", "--least", "2", side, join(folder, ".", "t.en"));
    expect(taken).toMatchObject({ code: 1, stderr: expect.stringMatching(/are four files, each another\n$/) });
  }
  expect(await augment("words", "--least", "2", "--target-output", at("o.de"))).toMatchObject({ code: 1 });
  expect(await readFile(at("t.en"), "utf8")).toBe(english.map((line) => `${line}\n`).join(""));
  const nothing = await augment("words", "--least", "90");
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toMatch(/\ncarousel: there are no words that stand on both sides often enough\n$/);
  for (const [output, problem] of [
    [folder, "it is a folder"],
    [join(folder, "none", "o.en"), "there is no such folder"],
  ] as const) {
    // before the work, whose progress would be told
    const refused = await augment("words", "--least", "2", "--target-output", output);
    expect(refused).toMatchObject({ code: 1, stderr: `carousel: cannot write ${output}: ${problem}\n` });
  }
  await expect(readFile(at("o.de"))).rejects.toThrow("ENOENT");
});
