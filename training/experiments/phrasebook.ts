import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readLines } from "@carousel/training/data/text";
import { command } from "./command.js";
import { type Forms, formsOf } from "./nouns.js";
import { OptionError, Options } from "./options.js";

const SLOT = /\{(\w+):(\w+)\}/g;

const NOUNS = ["animal", "device", "food", "idea", "mass", "person", "place", "thing"];

interface Book {
  /** Those of its tables; of two of one name the later folder's is taken. */
  readonly folders: readonly string[];
  /** The table of its sentences. */
  readonly sentences: string;
  /** Tables of nouns, of which the forms are made. */
  readonly nouns: readonly string[];
}

const BOOKS: Readonly<Record<string, Book>> = {
  phrases: { folders: ["phrasebook"], sentences: "phrases", nouns: [] },
  vocabulary: { folders: ["wordbook"], sentences: "sentences", nouns: NOUNS },
  numbers: { folders: ["phrasebook", "wordbook"], sentences: "numbers", nouns: NOUNS },
};

/**
 * What people type and a corpus lacks, in three languages, to train on beside it: `phrases` (greetings, days, places, orders, letters;
 * training/phrasebook), `vocabulary` (words of today's life in plain sentences; training/wordbook) or `numbers` (amounts, dates, prices,
 * durations; there, too), as NAME.en, NAME.fr and NAME.ja.
 * Written for this project. A sentence with a slot, {place:le}, comes once for every row of place.txt, with that column of it, or that
 * form of a noun; with slots of several tables once for every row of the longest, and rows of the others in turn. Those of which a
 * side stands in one of the files are left out: they are not to be learned where they are tested. Of sentences that are the same in
 * the source language the first is taken.
 *
 * node training/dist/experiments/phrasebook.js --book phrases --source LANGUAGE --without FILE,FILE --output FOLDER
 */
await command(async (args) => {
  const options = new Options(args, ["book", "source", "without", "output"]);
  const output = options.required("output", "where the sentences go");
  const source = options.required("source", "en, fr or ja: the language that is translated");
  const without = options.required("without", "text to test on, files separated by commas").split(",");
  const name = options.text("book", "phrases");
  const book = Object.hasOwn(BOOKS, name) ? BOOKS[name] : undefined;
  if (!book) throw new OptionError(`--book is one of ${Object.keys(BOOKS).join(", ")}, and not "${name}"`);

  const tested = new Set((await Promise.all(without.map(readLines))).flat());
  const all = await sentencesOf(book);
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

async function sentencesOf({ folders, sentences, nouns }: Book): Promise<Row[]> {
  const files = new Map<string, string>();
  for (const folder of folders) {
    const path = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
    for (const file of await readdir(path)) files.set(basename(file, ".txt"), join(path, file));
  }
  const tables = new Map<string, readonly Row[]>();
  for (const [table, file] of files) {
    const rows = tableOf(await readLines(file), file);
    tables.set(table, nouns.includes(table) ? rows.map(formsOf) : rows);
  }
  return tables.get(sentences)!.flatMap((sentence, at) => filled(sentence, { tables, at }));
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

/** A phrase with its slots filled; `at` is where rows of its shorter tables begin, so that phrases pair them differently. */
function filled(phrase: Row, { tables, at }: { tables: ReadonlyMap<string, readonly Row[]>; at: number }): Row[] {
  const slots = Object.values(phrase).flatMap((text) => [...text.matchAll(SLOT)].map(([, table]) => table!));
  if (slots.length === 0) return [phrase];
  const rowsOf = new Map([...new Set(slots)].map((table) => [table, tables.get(table) ?? missing(`table ${table}`)]));
  const times = Math.max(...[...rowsOf.values()].map((rows) => rows.length));
  return Array.from({ length: times }, (_, k) => {
    const cell = (table: string, column: string) => {
      const rows = rowsOf.get(table)!;
      return (
        rows[(rows.length === times ? k : k + at) % rows.length]![column] ?? missing(`${table}.txt, column ${column}`)
      );
    };
    const fill = (text: string) => text.replaceAll(SLOT, (_, table: string, column: string) => cell(table, column));
    return Object.fromEntries(Object.entries(phrase).map(([language, text]) => [language, fill(text)]));
  });
}

function missing(what: string): never {
  throw new Error(`there is no ${what}`);
}
