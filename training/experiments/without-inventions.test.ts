import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readLines } from "@carousel/training/data/text";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("./without-inventions.js", import.meta.url));

it("writes the reference where a translation has a word that the teacher says far too often, unless the reference has it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-inventions-"));
  const write = (name: string, lines: string[]) => writeFile(join(folder, name), lines.map((l) => `${l}\n`).join(""));
  const animals = ["hérisson", "castor", "blaireau", "putois", "furet", "lynx"];
  await write("references", [...animals.map((animal) => `Un ${animal} dort.`), "L'implication dort.", "Il dort."]);
  await write("translations", [...animals.map(() => "L'implication dort."), "L'Implication est là.", "Il dormait."]);
  const paths = ["translations", "reference", "output"].map((name) => [`--${name}`, join(folder, name)]);
  paths[1]![1] += "s";
  const { stderr } = await promisify(execFile)(process.execPath, [script, ...paths.flat()]);
  expect(stderr).toBe("6 of 8 lines; l', implication\n");
  expect(await readLines(join(folder, "output"))).toEqual([
    ...animals.map((animal) => `Un ${animal} dort.`),
    "L'Implication est là.",
    "Il dormait.",
  ]);
  await rm(folder, { recursive: true });
});
