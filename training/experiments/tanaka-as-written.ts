import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readParallel } from "@carousel/training/data/parallel";
import { readLines } from "@carousel/training/data/text";
import { englishAsWritten, japaneseAsWritten, learnCasing } from "./as-written.js";
import { command } from "./command.js";
import { Options } from "./options.js";

/**
 * The training split of small_parallel_enja (Tanaka corpus, lower-cased and tokenized) as people write it, to train on
 * beside the Tatoeba pairs: `tanaka.ja` and `tanaka.en`. Pairs whose Japanese is in the Tatoeba training split are left out.
 *
 * node training/dist/experiments/tanaka-as-written.js --tanaka FOLDER --tatoeba FOLDER --cased FILE,FILE --output FOLDER
 */
await command(async (args) => {
  const options = new Options(args, ["tanaka", "tatoeba", "cased", "output"]);
  const tanaka = options.required("tanaka", "the folder of the lower-cased corpus");
  const tatoeba = options.required("tatoeba", "the folder of the cased corpus");
  const cased = options.required("cased", "English text to learn capitals from, files separated by commas").split(",");
  const output = options.required("output", "where tanaka.ja and tanaka.en go");

  const casing = learnCasing((await Promise.all(cased.map(readLines))).flat());
  const characters = (japanese: string) => japanese.replace(/[\p{P}\s]/gu, "");
  const known = new Set((await readLines(join(tatoeba, "train.ja"))).map(characters));
  const { source, target } = await readParallel({ source: join(tanaka, "train.ja"), target: join(tanaka, "train.en") });
  const pairs = source
    .map((ja, i) => ({ ja: japaneseAsWritten(ja), en: englishAsWritten(target[i]!, casing) }))
    .filter(({ ja }) => !known.has(characters(ja)));
  await mkdir(output, { recursive: true });
  for (const side of ["ja", "en"] as const) {
    await writeFile(join(output, `tanaka.${side}`), pairs.map((pair) => `${pair[side]}\n`).join(""));
  }
  process.stderr.write(`${pairs.length} pairs\n`);
});
