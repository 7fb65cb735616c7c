import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InventedNames } from "@carousel/training/augmentation/invented-names";
import { renamed } from "@carousel/training/augmentation/renamed";
import { readParallel } from "@carousel/training/data/parallel";
import { command } from "./command.js";
import { Options } from "./options.js";
import { romanized } from "./romanized.js";

/**
 * Sentences of a Japanese and English text with invented names in the place of theirs, in katakana and as they sound
 * (Hepburn, without long vowels): `katakana.ja` and `katakana.en`. A model that learns from them writes down a name that it
 * has never seen.
 *
 * node training/dist/experiments/katakana-names.js --ja FILE --en FILE --output FOLDER [--times N]
 */
await command(async (args) => {
  const options = new Options(args, ["ja", "en", "output", "times"]);
  const paths = {
    source: options.required("ja", "Japanese sentences"),
    target: options.required("en", "the same in English"),
  };
  const times = options.count("times", 1);
  const output = options.folder("output", ".");

  const text = await readParallel(paths);
  const katakana = text.source.flatMap((sentence) => sentence.match(/[\p{Script=Katakana}ー]+/gu) ?? []);
  const invented = new InventedNames(katakana);
  const pairs = renamed(text, {
    times,
    invent: (random) => {
      const name = invented.next(random);
      const latin = romanized(name).replace(/\p{L}+/gu, (word) => word[0]!.toUpperCase() + word.slice(1));
      return { source: name.replace(" ", "・"), target: latin };
    },
  });
  await writeFile(join(output, "katakana.ja"), pairs.source.map((sentence) => `${sentence}\n`).join(""));
  await writeFile(join(output, "katakana.en"), pairs.target.map((sentence) => `${sentence}\n`).join(""));
  process.stderr.write(`${pairs.source.length} pairs\n`);
});
