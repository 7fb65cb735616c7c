import { writeFile } from "node:fs/promises";
import { wordsIn } from "@carousel/bundle";
import { counted } from "@carousel/training/data/counts";
import { readAligned } from "@carousel/training/data/parallel";
import { readLines } from "@carousel/training/data/text";
import { command } from "./command.js";
import { Options } from "./options.js";

/** Words in fewer sentences are not judged, and those in more are of all sentences. */
const JUDGED = { least: 6, most: 40 };
/** What stands so often in the training text is known, whatever it is in these sentences. */
const OFTEN = 20;

/**
 * A model has seen words that it does not know. Those that it has wrong in most of some sentences made to test them (the vocabulary
 * of phrasebook.js) are taken out of its training text, and those that it has right stand in it twice: the text to be given to
 * carousel known-words, so that the server keeps the others from it. Words with capitals are not judged: names are by known-words.
 *
 * node training/dist/experiments/words-it-knows.js --source FILE --reference FILE --translations FILE --text FILE,FILE --output FILE
 */
await command(async (args) => {
  const options = new Options(args, ["source", "reference", "translations", "text", "output"]);
  const output = options.required("output", "where the text goes");
  const [sentences, references, translations] = await readAligned(
    options.required("source", "sentences that test words"),
    options.required("reference", "their translations"),
    options.required("translations", "what the model makes of them"),
  );
  const files = options.required("text", "source side of the training text, files separated by commas").split(",");
  const text = (await Promise.all(files.map(readLines))).flat();

  const wordsOf = (sentence: string) => [...new Set(writtenSmall(sentence))];
  const tested = counted(sentences.flatMap(wordsOf));
  const right = counted(sentences.filter((_, k) => translations[k] === references[k]).flatMap(wordsOf));
  const often = counted(text.flatMap(lowerWords));
  const judged = [...tested].filter(([, n]) => n >= JUDGED.least && n <= JUDGED.most).map(([word]) => word);
  const isKnown = (word: string) => (right.get(word) ?? 0) >= tested.get(word)! / 2;
  const known = judged.filter(isKnown);
  const unknown = new Set(judged.filter((word) => !isKnown(word) && (often.get(word) ?? 0) < OFTEN));
  const lines = [...text.map((line) => without(line, unknown)), ...known, ...known];
  await writeFile(output, lines.map((line) => `${line}\n`).join(""));
  process.stderr.write(`of ${judged.length} words ${known.length} are known, ${unknown.size} are not\n`);
});

function writtenSmall(text: string): string[] {
  return [...wordsIn(text)].map(({ word }) => word).filter((word) => word === word.toLowerCase());
}

function lowerWords(text: string): string[] {
  return [...wordsIn(text)].map(({ word }) => word.toLowerCase());
}

function without(line: string, words: ReadonlySet<string>): string {
  const places = [...wordsIn(line)].filter(({ word }) => words.has(word.toLowerCase()));
  return places.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), line);
}
