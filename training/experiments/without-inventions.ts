import { writeFile } from "node:fs/promises";
import { segmentsOf } from "@carousel/training/augmentation/words";
import { counted } from "@carousel/training/data/counts";
import { readAligned } from "@carousel/training/data/parallel";
import { command } from "./command.js";
import { Options } from "./options.js";

/** A word that a teacher says so many times as often as people, and so many times besides, is one that it says for what it does not know. */
const TIMES = 2;
const BESIDES = 3;

/**
 * A teacher has words of its own for all that it does not know ("implication", 222 times where people write it three times), and a student
 * learns them well. Where a translation has such a word and its reference has not, the reference is written in its place.
 *
 * node training/dist/experiments/without-inventions.js --translations FILE --reference FILE --output FILE
 */
await command(async (args) => {
  const options = new Options(args, ["translations", "reference", "output"]);
  const output = options.required("output", "where the translations go");
  const [translations, references] = await readAligned(
    options.required("translations", "what carousel distill wrote"),
    options.required("reference", "the translations that people wrote, line by line"),
  );

  const wordsOf = (text: string) =>
    new Set(segmentsOf(text).flatMap((segment) => (segment.word ? [segment.text.toLowerCase()] : [])));
  const [theirs, ours] = [translations.map(wordsOf), references.map(wordsOf)];
  const linesWith = (all: readonly ReadonlySet<string>[]) => counted(all.flatMap((words) => [...words]));
  const [said, written] = [linesWith(theirs), linesWith(ours)];
  const isInvented = (word: string) => said.get(word)! > TIMES * (written.get(word) ?? 0) + BESIDES;
  const kept = translations.map((translation, k) => {
    return [...theirs[k]!].some((word) => isInvented(word) && !ours[k]!.has(word)) ? references[k]! : translation;
  });
  await writeFile(output, kept.map((line) => `${line}\n`).join(""));
  const replaced = kept.filter((line, k) => line !== translations[k]).length;
  const most = [...said.keys()].filter(isInvented).sort((a, b) => said.get(b)! - said.get(a)!);
  process.stderr.write(`${replaced} of ${kept.length} lines; ${most.slice(0, 12).join(", ")}\n`);
});
