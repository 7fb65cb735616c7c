import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readLines } from "@carousel/training/data/text";
import { command } from "./command.js";
import { type Forms, formsOf } from "./nouns.js";
import { OptionError, Options } from "./options.js";

const SLOT = /\{(\w+):(\w+)\}/g;

/** What to write: the folder of its tables, and which of them are nouns, of which the forms are made. */
const BOOKS = {
  phrases: { folder: "phrasebook", sentences: "phrases", nouns: [] },
  vocabulary: {
    folder: "wordbook",
    sentences: "sentences",
    nouns: ["animal", "device", "food", "idea", "mass", "person", "place", "thing"],
  },
} as const;

/**
 * What people type and a corpus lacks, in three languages, to train on beside it: `phrases` (greetings, days, places, orders, letters;
 * training/phrasebook) or `vocabulary` (words of today's life in plain sentences; training/wordbook), as NAME.en, NAME.fr and NAME.ja.
 * Written for this project. A sentence with a slot, {place:le}, comes once for every row of place.txt, with that column of it, or that
 * form of a noun. Those of which a side stands in one of the files are left out: they are not to be learned where they are tested. Of
 * sentences that are the same in the source language the first is taken.
 *
 * node training/dist/experiments/phrasebook.js --book phrases --source LANGUAGE --without FILE,FILE --output FOLDER
 */
await command(async (args) => {
  const options = new Options(args, ["book", "source", "without", "output"]);
  const output = options.required("output", "where the sentences go");
  const source = options.required("source", "en, fr or ja: the language that is translated");
  const without = options.required("without", "text to test on, files separated by commas").split(",");
  const name = options.text("book", "phrases");
  if (!isBook(name)) throw new OptionError(`--book is one of ${Object.keys(BOOKS).join(", ")}, and not "${name}"`);

  const tested = new Set((await Promise.all(without.map(readLines))).flat());
  const all = await sentencesOf(BOOKS[name]);
  const untested = all.filter((sentence) => !Object.values(sentence).some((text) => tested.has(text)));
  const once = [
    ...new Map(untested.toReversed().map((sentence) => [sentence[source], sentence])).values(),
  ].toReversed();
  await mkdir(output, { recursive: true });
  for (const language of Object.keys(once[0]!)) {
    const lines = once.map((sentence) => `${sentence[language]}\n`);
    await writeFile(join(output, `${name}.${language}`), lines.join(""));
  }
  process.stderr.write(`${once.length} ${name}\n`);
});

function isBook(name: string): name is keyof typeof BOOKS {
  return name in BOOKS;
}

async function sentencesOf({ folder, sentences, nouns }: (typeof BOOKS)[keyof typeof BOOKS]): Promise<Row[]> {
  const path = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
  const tables = new Map<string, readonly Row[]>();
  for (const file of await readdir(path)) {
    const table = basename(file, ".txt");
    const rows = tableOf(await readLines(join(path, file)), file);
    tables.set(table, (nouns as readonly string[]).includes(table) ? rows.map(formsOf) : rows);
  }
  return tables.get(sentences)!.flatMap((sentence) => filled(sentence, tables));
}

/** Cells by the names of their columns. */
type Row = Forms;

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
