import { readFile } from "node:fs/promises";
import { command } from "./command.js";
import { Options } from "./options.js";
import { PAGE, RESULTS, writeText } from "./results.js";
import { withTables } from "./tables.js";

/** node training/dist/experiments/page.js: writes the tables of docs/experiments.md anew from docs/experiments/*.json */
await command(async (args) => {
  new Options(args, []);
  await writeText("", PAGE, await withTables(await readFile(PAGE, "utf8"), RESULTS));
});
