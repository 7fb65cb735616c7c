import { writeFile } from "node:fs/promises";
import { readLines } from "@carousel/training/data/text";
import { command } from "./command.js";
import { Options } from "./options.js";

/**
 * Sentences to back-translate: those of a text that stand in none of other files, each once. Letter case, spaces and punctuation do not count,
 * so that no sentence of a valid or test split comes in by a comma.
 *
 * node training/dist/experiments/new-sentences.js --text FILE --without FILE,FILE --output FILE
 */
await command(async (args) => {
  const options = new Options(args, ["text", "without", "output"]);
  const text = await readLines(options.required("text", "sentences, one a line"));
  const others = options.required("without", "text whose sentences are left out, files separated by commas").split(",");
  const output = options.required("output", "where what is left goes");

  const taken = new Set((await Promise.all(others.map(readLines))).flat().map(lettersOf));
  const left = text.filter((sentence) => {
    const letters = lettersOf(sentence);
    if (letters === "" || taken.has(letters)) return false;
    taken.add(letters);
    return true;
  });
  await writeFile(output, left.map((sentence) => `${sentence}\n`).join(""));
  process.stderr.write(`${left.length} of ${text.length} sentences\n`);
});

function lettersOf(sentence: string): string {
  return sentence.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
