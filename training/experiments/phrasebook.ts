import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readLines } from "@carousel/training/data/text";
import { command } from "./command.js";
import { Options } from "./options.js";

const SLOT = /\{(\w+):(\w+)\}/g;

/**
 * What people type first (greetings, days, places, orders, letters), in three languages, to train on beside a corpus that
 * lacks it: `phrases.en`, `phrases.fr` and `phrases.ja`. Written for this project: training/phrasebook. A phrase with a slot,
 * {place:le}, comes once for every row of place.txt, with that column of it. Those of which a side stands in one of the files
 * are left out: they are not to be learned where they are tested. Of phrases that are the same in the source language the first
 * is taken.
 *
 * node training/dist/experiments/phrasebook.js --source LANGUAGE --without FILE,FILE --output FOLDER
 */
await command(async (args) => {
  const options = new Options(args, ["source", "without", "output"]);
  const output = options.required("output", "where the phrases go");
  const source = options.required("source", "en, fr or ja: the language that is translated");
  const without = options.required("without", "text to test on, files separated by commas").split(",");

  const tested = new Set((await Promise.all(without.map(readLines))).flat());
  const folder = fileURLToPath(new URL("../../phrasebook", import.meta.url));
  const tables = new Map<string, Row[]>();
  for (const file of await readdir(folder)) {
    tables.set(basename(file, ".txt"), tableOf(await readLines(join(folder, file)), file));
  }
  const all = tables.get("phrases")!.flatMap((phrase) => filled(phrase, tables));
  const untested = all.filter((phrase) => !Object.values(phrase).some((text) => tested.has(text)));
  const phrases = [...new Map(untested.toReversed().map((phrase) => [phrase[source], phrase])).values()].toReversed();
  await mkdir(output, { recursive: true });
  for (const language of Object.keys(phrases[0]!)) {
    const lines = phrases.map((phrase) => `${phrase[language]}\n`);
    await writeFile(join(output, `phrases.${language}`), lines.join(""));
  }
  process.stderr.write(`${phrases.length} phrases\n`);
});

/** Cells by the names of their columns. */
type Row = Readonly<Record<string, string>>;

function tableOf([head, ...lines]: readonly string[], file: string): Row[] {
  const columns = head!.split(" | ");
  return lines.map((line) => {
    const cells = line.split(" | ");
    if (cells.length !== columns.length) throw new Error(`${file}: ${columns.length} columns, and "${line}"`);
    return Object.fromEntries(columns.map((column, k) => [column, cells[k]!]));
  });
}

function filled(phrase: Row, tables: ReadonlyMap<string, readonly Row[]>): Row[] {
  const slots = new Set(Object.values(phrase).flatMap((text) => [...text.matchAll(SLOT)].map(([, table]) => table!)));
  const [table] = slots;
  if (table === undefined) return [phrase];
  const rows = tables.get(table);
  if (!rows || slots.size > 1)
    throw new Error(`one slot of a table that is there, and not "${Object.values(phrase)[0]}"`);
  return rows.map((row) => {
    const fill = (text: string) =>
      text.replaceAll(SLOT, (_, __, column: string) => row[column] ?? missing(table, column));
    return Object.fromEntries(Object.entries(phrase).map(([language, text]) => [language, fill(text)]));
  });
}

function missing(table: string, column: string): never {
  throw new Error(`${table}.txt has no column ${column}`);
}
