import { writeFile } from "node:fs/promises";
import { readAligned } from "@carousel/training/data/parallel";
import { sentenceChrf } from "@carousel/training/metrics/chrf";
import { command } from "./command.js";
import { Options } from "./options.js";

/**
 * A back-translation that says something else misleads who learns from it. Kept are the pairs whose source, translated once more, comes back to
 * the target, with a chrF2 of at least so much.
 *
 * node training/dist/experiments/round-trip.js --source FILE --target FILE --again FILE --least 50 --source-output FILE --target-output FILE
 */
await command(async (args) => {
  const options = new Options(args, ["source", "target", "again", "least", "source-output", "target-output"]);
  const least = options.positive("least", 50);
  const outputs = [
    options.required("source-output", "where the sources that are kept go"),
    options.required("target-output", "where the targets that are kept go"),
  ] as const;
  const [sources, targets, again] = await readAligned(
    options.required("source", "what carousel back-translate wrote"),
    options.required("target", "the text that it was made of, line by line"),
    options.required("again", "the source, translated into the language of the target, line by line"),
  );

  const isKept = targets.map((reference, k) => sentenceChrf({ hypothesis: again[k]!, reference }) >= least);
  for (const [side, lines] of [sources, targets].entries()) {
    const kept = lines.filter((_, k) => isKept[k]);
    await writeFile(outputs[side]!, kept.map((line) => `${line}\n`).join(""));
  }
  process.stderr.write(`${isKept.filter(Boolean).length} of ${targets.length} pairs\n`);
});
