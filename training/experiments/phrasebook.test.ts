import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readLines } from "@carousel/training/data/text";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("./phrasebook.js", import.meta.url));

it("fills every slot in three languages, leaves out what is tested, and says a source once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carousel-phrasebook-"));
  await writeFile(join(folder, "test.fr"), "À vendredi.\n");
  await promisify(execFile)(process.execPath, [
    script,
    ...["--source", "ja", "--without", join(folder, "test.fr"), "--output", folder],
  ]);
  const [en, fr, ja] = await Promise.all(["en", "fr", "ja"].map((l) => readLines(join(folder, `phrases.${l}`))));
  expect(en!.length).toBeGreaterThan(1000);
  expect([fr!.length, ja!.length]).toEqual([en!.length, en!.length]);
  expect([...en!, ...fr!, ...ja!].filter((line) => /[{}|]|^\s|\s$|^$/.test(line))).toEqual([]);
  expect(new Set(ja).size).toBe(ja!.length);
  const at = en!.indexOf("See you on Monday.");
  expect([fr![at], ja![at]]).toEqual(["À lundi.", "月曜日に会いましょう。"]);
  expect(fr).not.toContain("À vendredi.");
  await rm(folder, { recursive: true });
});
